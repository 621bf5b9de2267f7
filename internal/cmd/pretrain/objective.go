package main

import (
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"

	"github.com/gopeft/gopeft/models/arch"
	"github.com/gopeft/gopeft/peft/seam"
)

// temperature of the sentence objective.
const temperature = 0.1

// lmLoss is the cross-entropy of the hidden tokens (Devlin et al. 2018), for the last hidden states
// [rows, length, hidden]. The head is BERT's.
func lmLoss(c *seam.Call, value func(name string) *seam.Node, hidden, at, target *seam.Node) *seam.Node {
	width := hidden.Shape().Dimensions[2]
	h := graph.Gather(graph.Reshape(hidden, -1, width), graph.InsertAxes(at, -1)) // [masked, hidden]
	h = arch.GELU(affine(h, value(headWeight), value(headBias)))
	h = norm(h, value(headNorm), value(headNormBias))
	return arch.CrossEntropy(affine(h, c.Value("embeddings.word_embeddings.weight"), value(decoderBias)), target, arch.IgnoreIndex)
}

// sentenceLoss asks each row to find the other turn of its dialogue among those of the batch: cross-entropy of
// cosines over a temperature, in both directions (InfoNCE, van den Oord et al. 2018, arXiv:1807.03748). It stands in
// place of BERT's next-sentence prediction, and trains the pooler, on which a classifier stands. pooled [rows, hidden].
func sentenceLoss(pooled *seam.Node) *seam.Node {
	g, rows := pooled.Graph(), pooled.Shape().Dimensions[0]
	length := graph.Sqrt(graph.AddScalar(graph.ReduceAndKeep(graph.Square(pooled), graph.ReduceSum, -1), 1e-6))
	unit := graph.Div(pooled, length)
	one := graph.Slice(unit, graph.AxisRange(0, rows/2))
	other := graph.Slice(unit, graph.AxisRange(rows/2, rows))
	cosines := graph.DivScalar(graph.MatMul(one, graph.Transpose(other, 0, 1)), temperature)
	same := graph.Iota(g, shapes.Make(dtypes.Int32, rows/2), 0)
	return graph.DivScalar(graph.Add(
		arch.CrossEntropy(cosines, same, arch.IgnoreIndex),
		arch.CrossEntropy(graph.Transpose(cosines, 0, 1), same, arch.IgnoreIndex)), 2)
}

// affine is x [n, in] times the transpose of w [out, in], plus b [out].
func affine(x, w, b *seam.Node) *seam.Node {
	return graph.Add(graph.MatMul(x, graph.Transpose(w, 0, 1)), graph.InsertAxes(b, 0))
}

// norm is layer normalisation of x [n, width].
func norm(x, weight, bias *seam.Node) *seam.Node {
	centred := graph.Sub(x, graph.ReduceAndKeep(x, graph.ReduceMean, -1))
	variance := graph.ReduceAndKeep(graph.Square(centred), graph.ReduceMean, -1)
	y := graph.Div(centred, graph.Sqrt(graph.AddScalar(variance, 1e-12)))
	return graph.Add(graph.Mul(y, graph.InsertAxes(weight, 0)), graph.InsertAxes(bias, 0))
}
