package clip

import (
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"

	"github.com/gopeft/gopeft/models/arch"
	"github.com/gopeft/gopeft/peft/seam"
)

// text is the tower of texts.
type text struct {
	at               string // its prefix, "text_model." or ""
	blocks           arch.EncoderBlocks
	vocab, positions int
	end              int // eos_token_id
}

// oldEnd is the eos_token_id of configs that were written before transformers read it.
const oldEnd = 2

func readText(c *arch.Config, at string) *text {
	t := &text{
		at: at, blocks: readBlocks(c, at, arch.EncoderBlocks{Hidden: 512, Inner: 2048, Heads: 8}),
		vocab: c.Size("vocab_size", 49408), positions: c.Size("max_position_embeddings", 77), end: arch.Get(c, "eos_token_id", 49407),
	}
	t.blocks.Causal = true
	return t
}

func (t *text) info(modelType, task string) seam.Info {
	out := describe(&t.blocks, modelType, task)
	out.Vocab, out.MaxPositions = t.vocab, t.positions
	return out
}

func (t *text) tokens() string  { return t.at + "embeddings.token_embedding" }
func (t *text) columns() string { return t.at + "embeddings.position_embedding" }
func (t *text) norm() string    { return t.at + "final_layer_norm" }

func (t *text) layout(l *arch.Layout) {
	l.Embedding(t.tokens(), "embedding", t.vocab, t.blocks.Hidden)
	l.Embedding(t.columns(), "positions", t.positions, t.blocks.Hidden)
	l.Blocks(&t.blocks)
	l.Norm(t.norm(), -1, t.blocks.Hidden, true)
}

// forward gives the states [texts, sequence, hidden] of input_ids and those that stand for a text [texts, hidden].
func (t *text) forward(c *seam.Call, in seam.Nodes) (states, pooled *seam.Node) {
	ids := in["input_ids"]
	seq := seam.Sequence{Embeds: c.Embedding(t.tokens(), ids)}
	x := graph.Add(seq.Embeds, c.Embedding(t.columns(), seq.PositionIDs()))
	x = t.blocks.Forward(c, x, arch.TokenMask(in))
	x = c.Norm(t.norm(), x, t.blocks.Eps)
	return x, arch.ColumnOf(x, t.last(ids))
}

// last is the column that stands for a text, int32 [texts]: the first one that is the end token.
func (t *text) last(ids *seam.Node) *seam.Node {
	ids = graph.ConvertDType(ids, dtypes.Int32)
	end := graph.Scalar(ids.Graph(), dtypes.Int32, t.end)
	if t.end == oldEnd {
		end = graph.ReduceAndKeep(ids, graph.ReduceMax, 1)
	}
	d := ids.Shape().Dimensions
	found := graph.Equal(ids, graph.BroadcastToDims(end, d...))
	at := graph.Iota(ids.Graph(), shapes.Make(dtypes.Int32, d...), 1)
	beyond := graph.BroadcastToDims(graph.Scalar(ids.Graph(), dtypes.Int32, d[1]), d...)
	at = graph.ReduceMin(graph.Where(found, at, beyond), 1)
	none := graph.Equal(at, graph.Scalar(ids.Graph(), dtypes.Int32, d[1]))
	return graph.Where(none, graph.ZerosLike(at), at)
}

func (t *text) check(in seam.Tensors) error {
	_, _, err := arch.Tokens(in, t.vocab, t.positions, 0)
	return err
}
