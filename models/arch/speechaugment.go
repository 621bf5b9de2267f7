package arch

import (
	"fmt"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"

	"github.com/gopeft/gopeft/peft/seam"
)

// SpecAugment hides parts of a sound while a model trains, so that it learns to do without them (Park et al. 2019,
// arXiv:1904.08779): spans of frames, which a trained vector replaces, and spans of channels, which are set to 0. The zero
// value hides nothing.
type SpecAugment struct {
	// Vector is the path of what replaces frames, "" where the network has none.
	Vector string
	Time   Spans
	Width  Spans
	// ByLength counts a row's spans by its own frames; else by those of the longest.
	ByLength bool
}

// Spans says how much of an axis SpecAugment hides.
type Spans struct {
	// Share of the axis, from which the number of spans follows; they may overlap. 0 hides nothing, whatever Least says.
	Share float64
	// Length of a span.
	Length int
	// Least spans that there are, where there is room.
	Least int
}

// Forward hides spans of x [batch, frames, hidden], of whose frames the mask tells which count. Graph-building.
func (a *SpecAugment) Forward(c *seam.Call, x, mask *seam.Node) *seam.Node {
	if !c.Training() {
		return x
	}
	d := x.Shape().Dimensions
	if a.Time.Share > 0 {
		if !c.Has(a.Vector) {
			panic(fmt.Errorf("%w: mask_time_prob = %v without %s, which the checkpoint lacks: set it or apply_spec_augment off", seam.ErrUnsupported, a.Time.Share, a.Vector))
		}
		counts := frameCounts(mask)
		if !a.ByLength {
			counts = graph.BroadcastToDims(graph.Scalar(c.Graph(), dtypes.Int32, d[1]), d[0])
		}
		hidden := a.Time.draw(c, "mask_time_length", "frames", counts, d[1])
		vector := graph.BroadcastToShape(graph.Reshape(c.Value(a.Vector), 1, 1, d[2]), x.Shape())
		x = whereFrames(hidden, vector, x)
	}
	if a.Width.Share > 0 {
		counts := graph.BroadcastToDims(graph.Scalar(c.Graph(), dtypes.Int32, d[2]), d[0])
		hidden := a.Width.draw(c, "mask_feature_length", "channels", counts, d[2])
		x = graph.Where(graph.BroadcastToShape(graph.InsertAxes(hidden, 1), x.Shape()), graph.ZerosLike(x), x)
	}
	return x
}

// draw gives what is hidden of an axis n long, of which counts [batch] places count: bool [batch, n]. The number of spans
// is Share·count/Length, rounded up or down at random for the whole batch; where they start is drawn without repeats.
func (s *Spans) draw(c *seam.Call, field, unit string, counts *seam.Node, n int) *seam.Node {
	if s.Length > n {
		panic(seam.Inputf("input_values", "make %d %s, fewer than %s = %d: SpecAugment can't hide a span of them", n, unit, field, s.Length))
	}
	g, rows := c.Graph(), counts.Shape().Dimensions[0]
	round := graph.MulScalar(graph.ConvertDType(c.Bits(), dtypes.Float32), 1.0/(1<<32))
	spans := graph.MulScalar(graph.ConvertDType(counts, dtypes.Float32), s.Share/float64(s.Length))
	number := graph.ConvertDType(graph.Floor(graph.Add(spans, round)), dtypes.Int32)
	whole := func(v int) *seam.Node { return graph.BroadcastToDims(graph.Scalar(g, dtypes.Int32, v), rows) }
	starts := graph.Max(graph.AddScalar(counts, 1-s.Length), whole(0)) // places where a span may start
	number = graph.Min(graph.Max(number, whole(s.Least)), graph.Min(whole(n/s.Length), starts))

	// A start's rank among random numbers decides, which draws without repeats.
	square := shapes.Make(dtypes.Int32, rows, n, n)
	at, other := graph.Iota(g, square, 1), graph.Iota(g, square, 2)
	bits := c.Bits(rows, n)
	own := graph.BroadcastToDims(graph.InsertAxes(bits, 2), rows, n, n)
	theirs := graph.BroadcastToDims(graph.InsertAxes(bits, 1), rows, n, n)
	over := func(v *seam.Node) *seam.Node { return graph.BroadcastToDims(graph.Reshape(v, rows, 1, 1), rows, n, n) }
	first := graph.LogicalOr(graph.GreaterThan(theirs, own), graph.LogicalAnd(graph.Equal(theirs, own), graph.LessThan(other, at)))
	first = graph.LogicalAnd(first, graph.LessThan(other, over(starts)))
	rank := graph.ReduceSum(graph.ConvertDType(first, dtypes.Int32), 2)
	line := shapes.Make(dtypes.Int32, rows, n)
	begins := graph.LogicalAnd(
		graph.LessThan(rank, graph.BroadcastToShape(graph.InsertAxes(number, -1), line)),
		graph.LessThan(graph.Iota(g, line, 1), graph.BroadcastToShape(graph.InsertAxes(starts, -1), line)))

	// A place is hidden by a span that begins at it or less than a length in front of it.
	reach := graph.LogicalAnd(graph.LessOrEqual(other, at), graph.GreaterThan(graph.AddScalar(other, s.Length), at))
	reach = graph.LogicalAnd(reach, graph.BroadcastToDims(graph.InsertAxes(begins, 1), rows, n, n))
	return graph.GreaterThan(graph.ReduceSum(graph.ConvertDType(reach, dtypes.Int32), 2), graph.ZerosLike(rank))
}
