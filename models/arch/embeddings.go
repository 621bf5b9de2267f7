package arch

import (
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/graph"

	"github.com/gopeft/gopeft/peft/seam"
)

// TokenEmbeddings is the bottom of BERT and its relatives: words + positions + perhaps types, normed.
type TokenEmbeddings struct {
	Path                     string // of the module, as "bert.embeddings"
	Hidden, Vocab, Positions int
	Types                    int // of tokens; 0 where the family has none
	Eps, Dropout             float64
	// Place gives the columns' positions [batch, sequence] for a sequence of these ids; nil means seq.PositionIDs.
	Place func(ids *seam.Node, seq seam.Sequence) *seam.Node
}

func (e *TokenEmbeddings) words() string     { return e.Path + ".word_embeddings" }
func (e *TokenEmbeddings) positions() string { return e.Path + ".position_embeddings" }
func (e *TokenEmbeddings) types() string     { return e.Path + ".token_type_embeddings" }
func (e *TokenEmbeddings) norm() string      { return e.Path + ".LayerNorm" }

// Sites lists the embeddings and their norm.
func (e *TokenEmbeddings) Sites() []seam.Site {
	var out []seam.Site
	add := func(path string, kind seam.Kind, role string, in int) {
		out = append(out, seam.Site{Path: path, Kind: kind, Role: role, Layer: -1, In: in, Out: e.Hidden})
	}
	add(e.words(), seam.Embedding, "embedding", e.Vocab)
	positions := func() { add(e.positions(), seam.Embedding, "positions", e.Positions) }
	if e.Place == nil {
		positions()
	}
	if e.Types > 0 {
		add(e.types(), seam.Embedding, "types", e.Types)
	}
	if e.Place != nil { // transformers' classes make them later where padding has a place of its own
		positions()
	}
	add(e.norm(), seam.Norm, "norm", e.Hidden)
	add(e.Path, seam.Input, "input", e.Hidden)
	return out
}

// Forward embeds input_ids and token_type_ids (all 0 where not given). Adapters may put columns in front of the
// words: the sequence says what came of it. Graph-building.
func (e *TokenEmbeddings) Forward(c *seam.Call, in seam.Nodes) (*seam.Node, seam.Sequence) {
	ids := in["input_ids"]
	seq := seam.Sequence{Embeds: c.Embedding(e.words(), ids), Mask: TokenMask(in)}
	if e.Types > 0 {
		if seq.Types = in["token_type_ids"]; seq.Types == nil {
			seq.Types = graph.ZerosLike(ids)
		}
	}
	seq = c.Input(e.Path, seq)
	x := seq.Embeds
	if e.Types > 0 {
		x = graph.Add(x, c.Embedding(e.types(), seq.Types))
	}
	at := seq.PositionIDs()
	if e.Place != nil {
		at = e.Place(ids, seq)
	}
	x = graph.Add(x, c.Embedding(e.positions(), at))
	return c.Dropout(c.Norm(e.norm(), x, e.Eps), e.Dropout), seq
}

// TokenMask is attention_mask [batch, sequence] as booleans, all true where it is not given. Graph-building.
func TokenMask(in seam.Nodes) *seam.Node { return maskOf(in["input_ids"], in["attention_mask"]) }

// maskOf is the mask of ids as booleans, all true where it is nil.
func maskOf(ids, mask *seam.Node) *seam.Node {
	switch {
	case mask == nil:
		return graph.Equal(ids, ids)
	case mask.DType() == dtypes.Bool:
		return mask
	}
	return graph.NotEqual(mask, graph.ZerosLike(mask))
}
