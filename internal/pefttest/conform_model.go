package pefttest

import (
	"strings"
	"sync"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/gopeft/gopeft/internal/seeded"
	"github.com/gopeft/gopeft/models/arch"
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

// Tiny makes a fresh backbone on the pure-Go engine: 8 wide, 1 layer, 2 heads, 3 classes, values from a fixed seed.
// Its linear maps are bert.encoder.layer.0.attention.self.{query,key,value}, .attention.output.dense,
// .intermediate.dense (8 to 12), .output.dense (12 to 8) and classifier (8 to 3); key has no bias.
func Tiny() (*peft.Backbone, error) {
	e, err := goEngine()
	if err != nil {
		return nil, err
	}
	return peft.NewBackbone(tiny{}, tinyValues(), e, peft.Origin{})
}

// goEngine is shared by all cases. Laws that hold to the bit need one that runs a node the same way in every graph.
var goEngine = sync.OnceValues(func() (*peft.Engine, error) { return peft.OpenEngine("go") })

// Info implements seam.Model.
func (tiny) Info() peft.Info {
	return peft.Info{
		ModelType: "bert", Architecture: "BertForSequenceClassification", Task: "sequence-classification", Prefix: "bert",
		Hidden: hidden, Layers: 1, Heads: heads, HeadDim: hidden / heads, Vocab: vocab, MaxPositions: positions,
		Labels: []string{"a", "b", "c"},
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

// tinyValues are the frozen ones.
func tinyValues() peft.Tensors { return valuesOfSites(tiny{}.Sites()) }

// valuesOfSites draws every frozen value by its path, so that they don't depend on each other.
func valuesOfSites(sites []seam.Site) peft.Tensors {
	out := peft.Tensors{}
	for _, s := range sites {
		switch s.Kind {
		case seam.Embedding:
			out[s.Path+".weight"] = drawn(s.Path+".weight", 0, 0.7, s.In, s.Out)
		case seam.Norm:
			out[s.Path+".weight"] = drawn(s.Path+".weight", 1, 0.1, s.Out)
			out[s.Path+".bias"] = drawn(s.Path+".bias", 0, 0.1, s.Out)
			if s.Running {
				out[s.Path+"."+seam.RunningMean] = drawn(s.Path+"."+seam.RunningMean, 0, 0.3, s.Out)
				out[s.Path+"."+seam.RunningVar] = drawn(s.Path+"."+seam.RunningVar, 1, 0.1, s.Out)
			}
		case seam.Linear:
			out[s.Path+".weight"] = drawn(s.Path+".weight", 0, 0.4, s.Out, s.In)
			if s.Role != "key" {
				out[s.Path+".bias"] = drawn(s.Path+".bias", 0, 0.2, s.Out)
			}
		case seam.Conv:
			shape := append([]int{s.Out, s.In / s.Conv.Groups}, s.Conv.Kernel...)
			out[s.Path+".weight"] = drawn(s.Path+".weight", 0, 0.4, shape...)
			if s.Path != "volume" {
				out[s.Path+".bias"] = drawn(s.Path+".bias", 0, 0.2, s.Out)
			}
		}
	}
	return out
}

func drawn(path string, mean, std float64, shape ...int) *peft.Tensor {
	r := seeded.Rand(20, path)
	flat := make([]float32, shapes.Make(dtypes.Float32, shape...).Size())
	for i := range flat {
		flat[i] = float32(mean + std*r.NormFloat64())
	}
	return tensors.FromFlatDataAndDimensions(flat, shape...)
}

// tinyInput is a batch with one padded row; rows must be at most 4. Another shift gives other tokens.
func tinyInput(rows, shift int) peft.Tensors {
	const columns = 5
	ids, mask, labels := make([]int32, rows*columns), make([]int32, rows*columns), make([]int32, rows)
	for i := range ids {
		ids[i], mask[i] = int32((i*i+3*i+shift)%vocab), 1
	}
	mask[columns-1] = 0
	for i := range labels {
		labels[i] = int32((i + shift) % classes)
	}
	return peft.Tensors{
		"input_ids":      tensors.FromFlatDataAndDimensions(ids, rows, columns),
		"attention_mask": tensors.FromFlatDataAndDimensions(mask, rows, columns),
		"labels":         tensors.FromFlatDataAndDimensions(labels, rows),
	}
}

// Check implements seam.Model.
func (tiny) Check(in peft.Tensors, virtual int) error {
	if err := arch.Known(in, "input_ids", "attention_mask", "labels"); err != nil {
		return err
	}
	if _, _, err := arch.Tokens(in, vocab, positions, virtual); err != nil {
		return err
	}
	return arch.Within(in, "labels", classes)
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

	const self = block + ".attention.self"
	q := arch.Split(c.Linear(self+".query", x), heads)
	kv := c.Attention(self, seam.KV{
		K: arch.Split(c.Linear(self+".key", x), heads), V: arch.Split(c.Linear(self+".value", x), heads), Mask: seq.Mask,
	})
	x = closeSublayer(c, block+".attention.output", x, arch.Attend(c, q, kv, arch.AttentionOptions{}))
	x = closeSublayer(c, block+".output", x, graph.Tanh(c.Linear(block+".intermediate.dense", x)))

	weight := graph.InsertAxes(graph.ConvertDType(seq.Mask, dtypes.Float32), -1)
	mean := graph.Div(graph.ReduceSum(graph.Mul(x, weight), 1), graph.ReduceSum(weight, 1))
	out := seam.Nodes{"logits": c.Linear("classifier", mean)}
	if labels := in["labels"]; labels != nil {
		out["loss"] = arch.CrossEntropy(out["logits"], labels, arch.IgnoreIndex)
	}
	return out
}

// closeSublayer is projection, adapters, residual and norm.
func closeSublayer(c *seam.Call, path string, residual, h *seam.Node) *seam.Node {
	norm := func(x *seam.Node) *seam.Node { return c.Norm(path+".LayerNorm", x, 1e-5) }
	h = c.Sublayer(path, seam.SublayerIO{X: residual, Residual: residual, Norm: norm}, c.Linear(path+".dense", h))
	return norm(graph.Add(h, residual))
}
