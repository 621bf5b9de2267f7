package arch

import (
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"

	"github.com/gopeft/gopeft/peft"
)

// last is the column to classify each row by, int32 [batch]: that of the last token other than padding; the very last
// one where there is no padding token, or where an adapter put columns in front, as HF PEFT then hands transformers
// embeddings in which it sees no padding.
func (d *Decoder) last(ids *peft.Node, seq peft.Sequence) *peft.Node {
	g, dims := ids.Graph(), ids.Shape().Dimensions
	if d.Pad < 0 || seq.Virtual > 0 {
		columns := seq.Embeds.Shape().Dimensions[1]
		return graph.BroadcastToDims(graph.Scalar(g, dtypes.Int32, columns-1), dims[0])
	}
	token := graph.NotEqual(ids, graph.Scalar(g, ids.DType(), d.Pad))
	at := graph.Iota(g, shapes.Make(dtypes.Int32, dims...), 1)
	return graph.ReduceMax(graph.Where(token, at, graph.ZerosLike(at)), 1)
}

// ColumnOf takes a column of x [batch, columns, width] for each row, by its index int32 [batch]: [batch, width].
// Graph-building.
func ColumnOf(x, at *peft.Node) *peft.Node {
	d := x.Shape().Dimensions
	row := graph.Iota(x.Graph(), shapes.Make(dtypes.Int32, d[0]), 0)
	place := graph.Add(graph.MulScalar(row, d[1]), at)
	return graph.Gather(graph.Reshape(x, d[0]*d[1], d[2]), graph.InsertAxes(place, -1))
}
