package pefttest

import (
	"math"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/graph"

	"github.com/gopeft/gopeft/peft/seam"
)

// splitHeads shapes x [batch, columns, heads * width] into heads.
func splitHeads(x *seam.Node) *seam.Node {
	d := x.Shape().Dimensions
	return graph.Reshape(x, d[0], d[1], heads, d[2]/heads)
}

// attend is attention of queries [batch, queries, heads, width] over the keys where the mask is true: [batch, queries, heads *
// width].
func attend(q *seam.Node, kv seam.KV) *seam.Node {
	d, keys := q.Shape().Dimensions, kv.K.Shape().Dimensions[1]
	scores := graph.MulScalar(graph.Einsum("bqhd,bkhd->bhqk", q, kv.K), 1/math.Sqrt(float64(d[3])))
	mask := graph.BroadcastToDims(graph.Reshape(kv.Mask, d[0], 1, 1, keys), scores.Shape().Dimensions...)
	low := graph.BroadcastToShape(graph.Scalar(q.Graph(), dtypes.Float32, -math.MaxFloat32), scores.Shape())
	out := graph.Einsum("bhqk,bkhd->bqhd", graph.Softmax(graph.Where(mask, scores, low), -1), kv.V)
	return graph.Reshape(out, d[0], d[1], d[2]*d[3])
}

// crossEntropy is the mean of -log softmax(logits)[label] for logits [batch, classes] and labels [batch].
func crossEntropy(logits, labels *seam.Node) *seam.Node {
	picked := graph.OneHot(labels, classes, dtypes.Float32)
	return graph.Neg(graph.ReduceAllMean(graph.ReduceSum(graph.Mul(graph.LogSoftmax(logits, -1), picked), -1)))
}

// closeSublayer is projection, adapters, residual and norm.
func closeSublayer(c *seam.Call, path string, residual, h *seam.Node) *seam.Node {
	norm := func(x *seam.Node) *seam.Node { return c.Norm(path+".LayerNorm", x, 1e-5) }
	h = c.Sublayer(path, seam.SublayerIO{X: residual, Residual: residual, Norm: norm}, c.Linear(path+".dense", h))
	return norm(graph.Add(h, residual))
}
