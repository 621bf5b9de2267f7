package arch

import (
	"math"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"

	"github.com/gopeft/gopeft/peft/seam"
)

// Rotary turns each pair (i, i + width/2) of the first channels of a head by an angle that grows with the position (Su et
// al. 2021, arXiv:2104.09864). The channels after these are left as they are.
type Rotary struct {
	// Frequencies are radians per position [width/2], but for sequences that Longer has; width is that of what turns.
	Frequencies []float32
	// Scale of sines and cosines, 1 but for YaRN.
	Scale float64
	// Longer has the frequencies of longer sequences; nil means that all have these.
	Longer *LongRotary
}

// LongRotary says how positions turn in sequences that are longer than some length.
type LongRotary struct {
	Beyond int // tokens
	// Rereads says that a text that grows beyond the length in generation is read anew from its start, so that all its columns
	// turn by the new frequencies; else columns that were read stay as they are.
	Rereads bool
	Of      func(length int) []float32
	// OfNode is the same for a length, a float32 scalar, that is known only when it is read. Graph-building.
	OfNode func(length *seam.Node) *seam.Node
}

// RotaryTable holds the cosines and sines of sequences, [batch or 1, columns, 1, width/2].
type RotaryTable struct{ cos, sin *seam.Node }

// Table is for the columns of a sequence. Graph-building.
func (r *Rotary) Table(seq seam.Sequence) RotaryTable {
	g, columns := seq.Embeds.Graph(), seq.Embeds.Shape().Dimensions[1]
	at := graph.AddScalar(graph.Iota(g, shapes.Make(dtypes.Float32, 1, columns, 1, 1), 1), float64(seq.Start))
	freq := graph.Const(g, r.Frequencies)
	switch {
	case seq.Positions != nil:
		at = graph.InsertAxes(graph.ConvertDType(seq.PositionIDs(), dtypes.Float32), -1, -1)
		if r.Longer != nil {
			length := graph.AddScalar(graph.ReduceAllMax(at), 1)
			long := graph.GreaterThan(length, graph.Scalar(g, dtypes.Float32, r.Longer.Beyond))
			freq = graph.Where(graph.BroadcastToShape(long, freq.Shape()), r.Longer.OfNode(length), freq)
		}
	case r.Longer != nil && seq.Start+columns > r.Longer.Beyond:
		freq = graph.Const(g, r.Longer.Of(seq.Start+columns))
	}
	angle := graph.Mul(at, graph.Reshape(freq, 1, 1, 1, len(r.Frequencies)))
	return RotaryTable{graph.MulScalar(graph.Cos(angle), r.Scale), graph.MulScalar(graph.Sin(angle), r.Scale)}
}

// Turn turns queries or keys [batch, columns, heads, width].
func (t RotaryTable) Turn(x *seam.Node) *seam.Node {
	half, width, rows := t.cos.Shape().Dimensions[3], x.Shape().Dimensions[3], graph.AxisRange()
	part := func(from, to int) *seam.Node { return graph.Slice(x, rows, rows, rows, graph.AxisRange(from, to)) }
	a, b := part(0, half), part(half, 2*half)
	parts := []*seam.Node{
		graph.Sub(graph.Mul(a, t.cos), graph.Mul(b, t.sin)),
		graph.Add(graph.Mul(b, t.cos), graph.Mul(a, t.sin)),
	}
	if 2*half < width {
		parts = append(parts, part(2*half, width))
	}
	return graph.Concatenate(parts, 3)
}

// frequencies are base^(-2i/width) for pairs i, rounded where torch rounds.
func frequencies(base float64, width int) []float32 {
	out := make([]float32, width/2)
	for i := range out {
		out[i] = 1 / float32(math.Pow(base, float64(float32(2*i)/float32(width))))
	}
	return out
}
