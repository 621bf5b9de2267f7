package arch

import (
	"math"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/graph"

	"github.com/gopeft/gopeft/peft/seam"
)

// AttentionOptions says how scores become outputs.
type AttentionOptions struct {
	Scale   float64 // of the scores; 0 means 1/sqrt(head width)
	Dropout float64 // of the probabilities, while training
	// Bias is added to the scores: [batch, heads, queries, keys], or [1, heads, queries, keys] for every row alike; nil
	// means none.
	Bias *seam.Node
}

// Attend is softmax(scale q kᵀ) v for q [batch, queries, heads, width] and keys and values [batch, keys, heads, width],
// over the keys where the mask is true. The result is [batch, queries, heads * width].
func Attend(c *seam.Call, q *seam.Node, kv seam.KV, o AttentionOptions) *seam.Node {
	d := q.Shape().Dimensions
	scale := o.Scale
	if scale == 0 {
		scale = 1 / math.Sqrt(float64(d[3]))
	}
	scores := graph.Einsum("bqhd,bkhd->bhqk", graph.MulScalar(q, scale), kv.K)
	if o.Bias != nil {
		scores = graph.Add(scores, o.Bias)
	}
	keys := kv.Mask.Shape().Dimensions[1]
	mask := graph.BroadcastToDims(graph.Reshape(kv.Mask, d[0], 1, 1, keys), scores.Shape().Dimensions...)
	lowest := graph.Scalar(c.Graph(), dtypes.Float32, -math.MaxFloat32)
	scores = graph.Where(mask, scores, graph.BroadcastToShape(lowest, scores.Shape()))
	probs := c.Dropout(Softmax(scores), o.Dropout)
	out := graph.Einsum("bhqk,bkhd->bqhd", probs, kv.V)
	return graph.Reshape(out, d[0], d[1], d[2]*d[3])
}

// Softmax is over the last axis.
func Softmax(x *seam.Node) *seam.Node {
	shifted := graph.Exp(graph.Sub(x, graph.StopGradient(graph.ReduceAndKeep(x, graph.ReduceMax, -1))))
	return graph.Mul(shifted, graph.Reciprocal(graph.ReduceAndKeep(shifted, graph.ReduceSum, -1)))
}

// Columns takes the part from..to of the last axis of x [batch, sequence, width].
func Columns(x *seam.Node, from, to int) *seam.Node {
	return graph.Slice(x, graph.AxisRange(), graph.AxisRange(), graph.AxisRange(from, to))
}

// SoftCap keeps x within -limit..limit by limit tanh(x/limit); a limit of 0 leaves it as it is.
func SoftCap(x *seam.Node, limit float64) *seam.Node {
	if limit == 0 {
		return x
	}
	return graph.MulScalar(graph.Tanh(graph.DivScalar(x, limit)), limit)
}

// Split shapes x [batch, sequence, heads * width] into heads.
func Split(x *seam.Node, heads int) *seam.Node {
	d := x.Shape().Dimensions
	return graph.Reshape(x, d[0], d[1], heads, d[2]/heads)
}
