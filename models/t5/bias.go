package t5

import (
	"math"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"

	"github.com/gopeft/gopeft/models/arch"
	"github.com/gopeft/gopeft/peft/seam"
)

// biases is the path of the biases that all blocks of a stack share.
func (s *stack) biases() string { return s.layer(0, 0) + ".SelfAttention.relative_attention_bias" }

// bias gives attention's bias to the blocks of one pass. It is made once, as long as all have as many keys.
type bias struct {
	*stack
	c    *seam.Call
	keys int
	made *seam.Node
}

func (s *stack) newBias(c *seam.Call) *bias { return &bias{stack: s, c: c} }

// of gives the bias [1 or batch, heads, queries, keys] of queries and keys [batch, columns, heads, width].
func (b *bias) of(q *seam.Node, kv seam.KV) *seam.Node {
	batch, queries, keys := q.Shape().Dimensions[0], q.Shape().Dimensions[1], kv.K.Shape().Dimensions[1]
	if b.made != nil && b.keys == keys {
		return b.made
	}
	g, table := b.c.Graph(), buckets(b.buckets, b.farthest, !b.decodes)
	if !b.c.RowsDiffer(b.biases()) {
		batch = 1
	}
	shape := shapes.Make(dtypes.Int32, batch, queries, keys)
	query := graph.Add(graph.Iota(g, shape, 1), graph.AddScalar(arch.FirstQuery(g, kv, queries), -kv.Apart))
	far := func(v int) *seam.Node { return graph.Scalar(g, dtypes.Int32, v) }
	distance := graph.Min(graph.Max(graph.Sub(graph.Iota(g, shape, 2), query), far(-b.farthest)), far(b.farthest))
	bucket := graph.Gather(graph.Const(g, table), graph.InsertAxes(graph.AddScalar(distance, b.farthest), -1))
	b.keys = keys
	b.made = graph.TransposeAllAxes(b.c.Embedding(b.biases(), bucket), 0, 3, 1, 2)
	return b.made
}

// buckets gives the bucket of each distance from -farthest to farthest, from a query to a key: half of them for single
// distances, half for ranges that grow as powers do; and, where attention looks both ways, half for either way.
// All is float32, as in torch, since a rounding decides where a range begins.
func buckets(n, farthest int, bothWays bool) []int32 {
	out := make([]int32, 2*farthest+1)
	if bothWays {
		n /= 2
	}
	single := n / 2
	for i := range out {
		distance, way := i-farthest, 0
		switch {
		case bothWays && distance > 0:
			way = n
		case bothWays || distance < 0:
			distance = -distance
		default:
			distance = 0 // the decoder doesn't look ahead
		}
		bucket := distance
		if distance >= single {
			part := float32(math.Log(float64(float32(distance)/float32(single)))) / float32(math.Log(float64(farthest)/float64(single)))
			bucket = min(single+int(part*float32(n-single)), n-1)
		}
		out[i] = int32(way + bucket)
	}
	return out
}
