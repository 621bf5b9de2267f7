package arch

import (
	"math"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"

	"github.com/gopeft/gopeft/peft/seam"
)

// CausalOptions says how scores become outputs, and what a column sees.
type CausalOptions struct {
	Scale   float64 // of the scores; 0 means 1/sqrt(head width)
	Dropout float64 // of the probabilities, while training
	Window  int     // how many columns each one sees, itself among them; 0 means all before it
	Cap     float64 // keeps scores within -Cap..Cap, see SoftCap; 0 means no cap
	// Blind gives a query that sees nothing, such as padding on the left, the mean of all values, as transformers' own
	// attention does, instead of 0 as torch's.
	Blind bool
	Bias  *seam.Node
}

// CausalAttend is attention in which a column sees itself and what stands before it: q [batch, queries, heads, width],
// keys and values [batch, keys, groups, width] that heads/groups neighbouring heads share (grouped-query attention,
// Ainslie et al. 2023, arXiv:2305.13245). kv.Start says where among the keys the queries stand. The result is [batch,
// queries, heads * width].
func CausalAttend(c *seam.Call, q *seam.Node, kv seam.KV, o CausalOptions) *seam.Node {
	d, k := q.Shape().Dimensions, kv.K.Shape().Dimensions
	batch, queries, heads, width, keys, groups := d[0], d[1], d[2], d[3], k[1], k[2]
	if o.Scale == 0 {
		o.Scale = 1 / math.Sqrt(float64(width))
	}
	q = graph.Reshape(graph.MulScalar(q, o.Scale), batch, queries, groups, heads/groups, width)
	scores := SoftCap(graph.Einsum("bqgrd,bkgd->bgrqk", q, kv.K), o.Cap)
	if o.Bias != nil {
		scores = graph.Add(scores, graph.Reshape(o.Bias, -1, groups, heads/groups, queries, keys))
	}

	seen := graph.LogicalAnd(
		graph.BroadcastToDims(graph.Reshape(kv.Mask, batch, 1, keys), batch, queries, keys),
		graph.BroadcastToDims(graph.InsertAxes(causal(FirstQuery(c.Graph(), kv, queries), queries, keys, o.Window), 0), batch, queries, keys))
	mask := graph.BroadcastToDims(graph.Reshape(seen, batch, 1, 1, queries, keys), scores.Shape().Dimensions...)
	lowest := graph.Scalar(c.Graph(), dtypes.Float32, -math.MaxFloat32)
	scores = graph.Where(mask, scores, graph.BroadcastToShape(lowest, scores.Shape()))
	probs := c.Dropout(Softmax(scores), o.Dropout)
	out := graph.Reshape(graph.Einsum("bgrqk,bkgd->bqgrd", probs, kv.V), batch, queries, heads*width)
	if o.Blind {
		return out
	}
	something := graph.ReduceMax(graph.ConvertDType(seen, dtypes.Float32), -1)
	return graph.Mul(out, graph.InsertAxes(something, -1))
}

// causal is true where a query may see a key: bool [queries, keys]. start is the first query's column.
func causal(start *seam.Node, queries, keys, window int) *seam.Node {
	g, shape := start.Graph(), shapes.Make(dtypes.Int32, queries, keys)
	at := graph.Add(graph.Iota(g, shape, 0), start)
	key := graph.Iota(g, shape, 1)
	seen := graph.LessOrEqual(key, at)
	if window > 0 && window < keys {
		seen = graph.LogicalAnd(seen, graph.GreaterThan(key, graph.AddScalar(at, -window)))
	}
	return seen
}

// NextTokenLoss is the loss of a causal language model: the cross-entropy of logits [batch, columns, vocabulary], of which each
// column predicts the next token, and labels [batch, tokens], which are the tokens themselves. The first columns of the
// logits, as many as virtual, are those of an adapter's virtual tokens and have no labels.
func NextTokenLoss(logits, labels *seam.Node, virtual int) *seam.Node {
	d := logits.Shape().Dimensions
	labels = graph.ConvertDType(labels, dtypes.Int32)
	ignored := func(n int) *seam.Node {
		return graph.BroadcastToDims(graph.Scalar(labels.Graph(), dtypes.Int32, IgnoreIndex), d[0], n)
	}
	columns := []*seam.Node{labels, ignored(1)}
	if virtual > 0 {
		columns = append([]*seam.Node{ignored(virtual)}, columns...)
	}
	// Labels are moved, not logits: those are by far the larger.
	next := graph.Slice(graph.Concatenate(columns, 1), graph.AxisRange(), graph.AxisRange(1))
	return CrossEntropy(graph.Reshape(logits, -1, d[2]), graph.Reshape(next, -1), IgnoreIndex)
}

// FirstQuery gives the index, an int32 scalar, of the key that belongs to the first query: in generation queries are the last
// tokens only, while there are keys of all.
func FirstQuery(g *graph.Graph, kv seam.KV, queries int) *seam.Node {
	if kv.Start != nil {
		return kv.Start
	}
	return graph.Scalar(g, dtypes.Int32, kv.K.Shape().Dimensions[1]-queries)
}
