package arch

import (
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"

	"github.com/gopeft/gopeft/peft/seam"
)

// last is the column to classify each row by, int32 [batch]: that of the last token other than padding, by its id as in
// transformers. Where there is no padding token, or where an adapter put columns in front, it is the last column that may
// be attended to. There transformers sees no padding: it refuses batches without a padding token, and HF PEFT, which hands
// it embeddings, has every row classified by its very last column, padding or not.
func (d *Decoder) last(ids *seam.Node, seq seam.Sequence) *seam.Node {
	if d.Pad < 0 || seq.Virtual > 0 {
		return lastTrue(seq.Mask)
	}
	return lastTrue(graph.NotEqual(ids, graph.Scalar(ids.Graph(), ids.DType(), d.Pad)))
}

// lastEqual is the last column of ids [batch, columns] that holds an id, int32 [batch].
func lastEqual(ids *seam.Node, id int) *seam.Node {
	return lastTrue(graph.Equal(ids, graph.Scalar(ids.Graph(), ids.DType(), id)))
}

// lastTrue is the last column of a mask [batch, columns] that is true, 0 where none is.
func lastTrue(mask *seam.Node) *seam.Node {
	at := graph.Iota(mask.Graph(), shapes.Make(dtypes.Int32, mask.Shape().Dimensions...), 1)
	return graph.ReduceMax(graph.Where(mask, at, graph.ZerosLike(at)), 1)
}

// ColumnOf takes a column of x [batch, columns, width] for each row, by its index int32 [batch]: [batch, width].
// Graph-building.
func ColumnOf(x, at *seam.Node) *seam.Node {
	d := x.Shape().Dimensions
	row := graph.Iota(x.Graph(), shapes.Make(dtypes.Int32, d[0]), 0)
	place := graph.Add(graph.MulScalar(row, d[1]), at)
	return graph.Gather(graph.Reshape(x, d[0]*d[1], d[2]), graph.InsertAxes(place, -1))
}
