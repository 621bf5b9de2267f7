package pefttest

import (
	"slices"
	"strings"
	"sync"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/gopeft/gopeft/peft"
	"github.com/gopeft/gopeft/peft/seam"
)

// Sizes of the network that methods are tried on.
const (
	hidden, heads, inner      = 8, 2, 12
	vocab, positions, classes = 11, 48, 3

	encoder = "bert."
	block   = encoder + "encoder.layer.0"
)

// tiny is a one-layer transformer with a classifier, with a site of every kind under the paths of BERT, so that
// methods that know families by their paths know this one. It has no dropout of its own. Its key has no bias: adding
// the same to every score changes no probability, so such a bias could not learn.
type tiny struct{}

// Tiny makes a fresh backbone with a site of every kind but convolutions: a classifier on a transformer of one layer, 8
// wide, with 2 heads, under the paths of BERT, on the pure-Go engine and with values from a fixed seed. Its modules:
//
//	bert.embeddings.word_embeddings                     embedding, 11 tokens, 8 wide
//	bert.embeddings.position_embeddings                 embedding, 48 positions, 8 wide
//	bert.encoder.layer.0.attention.self.query           linear, 8 to 8
//	bert.encoder.layer.0.attention.self.key             linear, 8 to 8, no bias
//	bert.encoder.layer.0.attention.self.value           linear, 8 to 8
//	bert.encoder.layer.0.attention.output.dense         linear, 8 to 8
//	bert.encoder.layer.0.attention.output.LayerNorm     norm of 8
//	bert.encoder.layer.0.intermediate.dense             linear, 8 to 12
//	bert.encoder.layer.0.output.dense                   linear, 12 to 8
//	bert.encoder.layer.0.output.LayerNorm               norm of 8
//	classifier                                          linear, 8 to 3
//
// The other sites are places between modules: bert.embeddings (the input), bert.encoder.layer.0.attention.self (attention),
// bert.encoder.layer.0.attention.output and bert.encoder.layer.0.output (what a sub-layer gives, before its residual), and
// bert.encoder.layer.0 (the block). It is seam.Mirrored.
func Tiny() (*peft.Backbone, error) {
	e, err := goEngine()
	if err != nil {
		return nil, err
	}
	return peft.NewBackbone(tiny{}, tinyValues(), e, seam.Origin{})
}

// goEngine is shared by all cases. Laws that hold to the bit need one that runs a node the same way in every graph.
var goEngine = sync.OnceValues(func() (*peft.Engine, error) { return peft.OpenEngine("go") })

// Info implements seam.Model.
func (tiny) Info() peft.Info {
	return peft.Info{
		ModelType: "bert", Architecture: "BertForSequenceClassification", Head: "sequence-classification", Prefix: "bert",
		Hidden: hidden, Layers: 1, Heads: heads, HeadDim: hidden / heads, Vocab: vocab, MaxPositions: positions,
		Classes: []string{"a", "b", "c"},
	}
}

// Sites implements seam.Model.
func (tiny) Sites() []seam.Site {
	site := func(path string, kind seam.Kind, role string, in, out int) seam.Site {
		s := seam.Site{Path: path, Kind: kind, Role: role, Layer: -1, In: in, Out: out}
		if strings.HasPrefix(path, block) {
			s.Layer = 0
		}
		if kind == seam.Attention {
			s.Heads, s.HeadDim = heads, hidden/heads
		}
		return s
	}
	const self, attention = block + ".attention.self", block + ".attention.output"
	return []seam.Site{
		site(encoder+"embeddings.word_embeddings", seam.Embedding, "embedding", vocab, hidden),
		site(encoder+"embeddings.position_embeddings", seam.Embedding, "positions", positions, hidden),
		site(encoder+"embeddings", seam.Input, "input", hidden, hidden),
		site(block, seam.Block, "block", hidden, hidden),
		site(self, seam.Attention, "attention", hidden, hidden),
		site(self+".query", seam.Linear, "query", hidden, hidden),
		site(self+".key", seam.Linear, "key", hidden, hidden),
		site(self+".value", seam.Linear, "value", hidden, hidden),
		site(attention, seam.Sublayer, "attention", hidden, hidden),
		site(attention+".dense", seam.Linear, "output", hidden, hidden),
		site(attention+".LayerNorm", seam.Norm, "norm", hidden, hidden),
		site(block+".intermediate.dense", seam.Linear, "up", hidden, inner),
		site(block+".output", seam.Sublayer, "feedforward", hidden, hidden),
		site(block+".output.dense", seam.Linear, "down", inner, hidden),
		site(block+".output.LayerNorm", seam.Norm, "norm", hidden, hidden),
		site("classifier", seam.Linear, "head", hidden, classes),
	}
}

// Check implements seam.Model.
func (tiny) Check(in peft.Tensors, virtual int) error {
	ids := in["input_ids"]
	if ids == nil || ids.Rank() != 2 {
		return seam.Inputf("input_ids", "want int32 [batch, columns]")
	}
	if columns := ids.Shape().Dimensions[1] + virtual; columns > positions {
		return seam.Inputf("input_ids", "%d columns, %d of them virtual, are more than the %d positions", columns, virtual, positions)
	}
	if mask := in["attention_mask"]; mask == nil || !slices.Equal(mask.Shape().Dimensions, ids.Shape().Dimensions) {
		return seam.Inputf("attention_mask", "want the shape of input_ids, %v", ids.Shape().Dimensions)
	}
	if in["labels"] != nil {
		if err := checkIDs(in, "labels", classes); err != nil {
			return err
		}
	}
	return checkIDs(in, "input_ids", vocab)
}

// checkIDs holds an argument's numbers below a limit.
func checkIDs(in peft.Tensors, name string, limit int) error {
	ids, err := tensors.CopyFlatData[int32](in[name])
	if err != nil {
		return seam.Inputf(name, "want int32, got %s", in[name].DType())
	}
	for _, id := range ids {
		if id < 0 || int(id) >= limit {
			return seam.Inputf(name, "%d is outside 0..%d", id, limit-1)
		}
	}
	return nil
}

// Forward implements seam.Model: "logits" [batch, classes] from the mean over all tokens, and their cross-entropy.
func (tiny) Forward(c *seam.Call, in seam.Nodes) seam.Nodes {
	seq := c.Input(encoder+"embeddings", seam.Sequence{
		Embeds: c.Embedding(encoder+"embeddings.word_embeddings", in["input_ids"]),
		Mask:   graph.NotEqual(in["attention_mask"], graph.ZerosLike(in["attention_mask"])),
	})
	d := seq.Embeds.Shape().Dimensions
	at := graph.AddScalar(graph.Iota(c.Graph(), shapes.Make(dtypes.Int32, d[0], d[1]), 1), seq.Start)
	x := graph.Add(seq.Embeds, c.Embedding(encoder+"embeddings.position_embeddings", at))

	x = c.EnterBlock(block, x)
	const self = block + ".attention.self"
	q := splitHeads(c.Linear(self+".query", x))
	kv := c.Attention(self, seam.KV{K: splitHeads(c.Linear(self+".key", x)), V: splitHeads(c.Linear(self+".value", x)), Mask: seq.Mask})
	x = closeSublayer(c, block+".attention.output", x, attend(q, kv))
	x = closeSublayer(c, block+".output", x, graph.Tanh(c.Linear(block+".intermediate.dense", x)))
	x = c.LeaveBlock(block, x)

	weight := graph.InsertAxes(graph.ConvertDType(seq.Mask, dtypes.Float32), -1)
	mean := graph.Div(graph.ReduceSum(graph.Mul(x, weight), 1), graph.ReduceSum(weight, 1))
	out := seam.Nodes{"logits": c.Linear("classifier", mean)}
	if labels := in["labels"]; labels != nil {
		out["loss"] = crossEntropy(out["logits"], labels)
	}
	return out
}
