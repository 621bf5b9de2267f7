package train_test

import (
	"iter"
	"testing"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"

	"github.com/gopeft/gopeft/internal/pefttest/golden"
	"github.com/gopeft/gopeft/lora"
	"github.com/gopeft/gopeft/models/arch"
	"github.com/gopeft/gopeft/peft"
	"github.com/gopeft/gopeft/peft/data"
	"github.com/gopeft/gopeft/peft/seam"
)

// toy is a model of one linear map from x [batch, 3] to logits [batch, 3], small enough to compute by hand.
type toy struct{ built *int } // graphs

func (m toy) Info() peft.Info {
	return peft.Info{Head: arch.SequenceClass, Classes: []string{"a", "b", "c"}, MaxPositions: 8}
}

func (m toy) Sites() []seam.Site {
	return []seam.Site{{Path: "head", Kind: seam.Linear, Layer: -1, In: 3, Out: 3}}
}

func (m toy) Check(peft.Tensors, int) error { return nil }

func (m toy) Forward(c *seam.Call, in seam.Nodes) seam.Nodes {
	*m.built++
	logits := c.Linear("head", in["x"])
	out := seam.Nodes{"logits": logits}
	if in["labels"] != nil {
		out["loss"] = arch.CrossEntropy(logits, in["labels"], arch.IgnoreIndex)
	}
	return out
}

// toyWeight makes an x of (1, 0, 0) the logits 2, 0, -1 and so on.
var toyWeight = [][]float32{{2, 0.5, 0}, {0, 1, 0}, {-1, 0, 3}}

// newToy attaches a LoRA "a" to a toy. It gives the number of graphs built so far as well.
func newToy(t *testing.T, dropout float64) (*peft.Adapted, *int) {
	t.Helper()
	built := new(int)
	b, err := peft.NewBackbone(toy{built}, peft.Tensors{"head.weight": tensors.FromValue(toyWeight)}, golden.OpenEngine(t), seam.Origin{})
	require.NoError(t, err)
	a, err := peft.Attach(b, "a", &lora.Config{R: 2, Targets: peft.Match("head"), Dropout: dropout}, peft.Seed(3))
	require.NoError(t, err)
	return a, built
}

// toyBatch has a row for each x, which is 1 at that place, and label.
func toyBatch(rows int, x, labels []int32) data.Batch {
	hot := make([]float32, 3*len(x))
	for i, at := range x {
		hot[3*i+int(at)] = 1
	}
	return data.Batch{Rows: rows, Tokens: rows, Tensors: peft.Tensors{
		"x":      tensors.FromFlatDataAndDimensions(hot, len(x), 3),
		"labels": tensors.FromFlatDataAndDimensions(labels, len(x)),
	}}
}

// batches is a source of the same epoch again and again.
type batches []data.Batch

func (b batches) NumBatches() int { return len(b) }

func (b batches) Epoch(_, from int) iter.Seq2[data.Batch, error] {
	return func(yield func(data.Batch, error) bool) {
		for _, batch := range b[from:] {
			if !yield(batch, nil) {
				return
			}
		}
	}
}

// shifted teaches the toy to answer with the next class.
func shifted() batches {
	return batches{
		toyBatch(2, []int32{0, 1}, []int32{1, 2}),
		toyBatch(2, []int32{2, 0}, []int32{0, 1}),
		toyBatch(2, []int32{1, 2}, []int32{2, 0}),
	}
}
