package arch

import (
	"math"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"

	"github.com/gopeft/gopeft/peft"
)

// Rotary turns each pair (i, i + width/2) of the first channels of a head by an angle that grows with the position (Su et
// al. 2021, arXiv:2104.09864). The channels after these are left as they are.
type Rotary struct {
	// Frequencies are radians per position [width/2], for sequences up to Grown; width is that of what turns.
	Frequencies []float32
	// Scale of sines and cosines, 1 but for YaRN.
	Scale float64
	// Grown is the longest sequence for these frequencies; a longer one has those of Longer. 0 means all have these.
	Grown  int
	Longer func(length int) []float32
}

// RotaryTable holds the cosines and sines of one sequence, [1, columns, 1, width/2].
type RotaryTable struct{ cos, sin *peft.Node }

// Table is for columns at the positions start, start+1, …. Graph-building.
func (r *Rotary) Table(g *graph.Graph, start, columns int) RotaryTable {
	freq := r.Frequencies
	if r.Grown > 0 && start+columns > r.Grown {
		freq = r.Longer(start + columns)
	}
	at := graph.AddScalar(graph.Iota(g, shapes.Make(dtypes.Float32, 1, columns, 1, 1), 1), float64(start))
	angle := graph.Mul(at, graph.Reshape(graph.Const(g, freq), 1, 1, 1, len(freq)))
	return RotaryTable{graph.MulScalar(graph.Cos(angle), r.Scale), graph.MulScalar(graph.Sin(angle), r.Scale)}
}

// Turn turns queries or keys [batch, columns, heads, width].
func (t RotaryTable) Turn(x *peft.Node) *peft.Node {
	half, width, rows := t.cos.Shape().Dimensions[3], x.Shape().Dimensions[3], graph.AxisRange()
	part := func(from, to int) *peft.Node { return graph.Slice(x, rows, rows, rows, graph.AxisRange(from, to)) }
	a, b := part(0, half), part(half, 2*half)
	parts := []*peft.Node{
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
