package pefttest

import (
	"errors"
	"reflect"

	"github.com/gomlx/gomlx/core/graph"

	"github.com/gopeft/gopeft/peft"
	"github.com/gopeft/gopeft/peft/seam"
)

// convolved is tiny's sibling: convolutions over one to three axes, on the same arguments. Token embeddings [batch, 5, 8]
// are read as a signal of 8 channels, as images of 4 and as volumes of 6.
type convolved struct{}

// Convolved makes a fresh backbone of convolutions, for methods with a seam.ConvHook, on the pure-Go engine and with values
// from a fixed seed. Its modules, in order:
//
//	words     embedding, 11 tokens, 8 wide
//	signal    convolution over 1 axis, 8 to 8 channels, kernel 3
//	norm      batch norm of 8 channels
//	grouped   convolution as signal, in 2 groups of channels
//	image     convolution over 2 axes, 4 to 6 channels, kernel 2 × 3, stride 2 on the second
//	volume    convolution over 3 axes, 6 to 4 channels, kernel 1 × 2 × 2, no bias
//	classifier  linear, 4 to 3
func Convolved() (*peft.Backbone, error) {
	e, err := goEngine()
	if err != nil {
		return nil, err
	}
	return peft.NewBackbone(convolved{}, valuesOfSites(convolved{}.Sites()), e, seam.Origin{})
}

// networkOf gives the network of a backbone that Tiny or Convolved made.
func networkOf(b *peft.Backbone) (seam.Model, error) {
	for _, m := range []seam.Model{tiny{}, convolved{}} {
		if b != nil && reflect.DeepEqual(m.Info(), b.Info()) {
			return m, nil
		}
	}
	return nil, errors.New("made a network that is neither Tiny nor Convolved")
}

const convolutional = "convolved"

// Info implements seam.Model.
func (convolved) Info() peft.Info {
	info := tiny{}.Info()
	info.ModelType, info.Architecture, info.Prefix = convolutional, "", ""
	return info
}

// Sites implements seam.Model.
func (convolved) Sites() []seam.Site {
	conv := func(path string, in, out int, v seam.Convolution) seam.Site {
		return seam.Site{Path: path, Kind: seam.Conv, Layer: -1, In: in, Out: out, Conv: &v}
	}
	same := seam.Convolution{Kernel: []int{3}, Stride: []int{1}, Padding: []int{1}, Dilation: []int{1}, Groups: 1}
	apart := same
	apart.Groups = 2
	return []seam.Site{
		{Path: "words", Kind: seam.Embedding, Role: "embedding", Layer: -1, In: vocab, Out: hidden},
		conv("signal", 8, 8, same),
		{Path: "norm", Kind: seam.Norm, Role: "norm", Layer: -1, In: 8, Out: 8, Running: true},
		conv("grouped", 8, 8, apart),
		conv("image", 4, 6, seam.Convolution{Kernel: []int{2, 3}, Stride: []int{1, 2}, Padding: []int{1, 1}, Dilation: []int{1, 1}, Groups: 1}),
		conv("volume", 6, 4, seam.Convolution{Kernel: []int{1, 2, 2}, Stride: []int{1, 1, 1}, Padding: []int{0, 0, 1}, Dilation: []int{1, 2, 1}, Groups: 1}),
		{Path: "classifier", Kind: seam.Linear, Role: "head", Layer: -1, In: 4, Out: classes},
	}
}

// Check implements seam.Model.
func (convolved) Check(in peft.Tensors, virtual int) error { return tiny{}.Check(in, virtual) }

// Forward implements seam.Model: "logits" [batch, classes] from the mean over all places, and their cross-entropy.
func (convolved) Forward(c *seam.Call, in seam.Nodes) seam.Nodes {
	x := graph.TransposeAllAxes(c.Embedding("words", in["input_ids"]), 0, 2, 1)
	batch, columns := x.Shape().Dimensions[0], x.Shape().Dimensions[2]
	x = graph.Tanh(c.BatchNorm("norm", c.Conv("signal", x), 1e-5))
	x = graph.Tanh(c.Conv("grouped", x))
	x = graph.Tanh(c.Conv("image", graph.Reshape(x, batch, 4, 2, columns)))
	d := x.Shape().Dimensions
	x = graph.Tanh(c.Conv("volume", graph.Reshape(x, batch, d[1], 1, d[2], d[3])))
	out := seam.Nodes{"logits": c.Linear("classifier", graph.ReduceMean(graph.Reshape(x, batch, 4, -1), 2))}
	if labels := in["labels"]; labels != nil {
		out["loss"] = crossEntropy(out["logits"], labels)
	}
	return out
}
