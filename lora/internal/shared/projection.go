package shared

import (
	"math"
	"math/rand/v2"

	"github.com/gomlx/gomlx/core/graph"

	"github.com/gopeft/gopeft/internal/torchrand"
	"github.com/gopeft/gopeft/peft/seam"
)

// Largest gives the largest input and output width of the sites of a plan.
func Largest(b *seam.Blueprint, plan *seam.Plan) (in, out int) {
	for _, path := range plan.Sites {
		s, _ := b.Site(path)
		in, out = max(in, s.In), max(out, s.Out)
	}
	return in, out
}

// Projection is a value of the whole adapter that is never trained. Where it is not saved, it has to be drawn again, by Draw,
// when a file is opened.
func Projection(name string, save bool, shape ...int) seam.Param {
	p := seam.Param{Name: name, Key: "base_model." + name, Shape: shape, Frozen: true, Buffer: true}
	if !save {
		p.Const = make([]float32, p.Size())
	}
	return p
}

// Draw sets the projections that no file held to what draw gives, one slice for each name. draw is not called where a file
// held them all.
func Draw(in *seam.Init, draw func() [][]float32, names ...string) error {
	var drawn [][]float32
	for i, name := range names {
		if in.FromFile("", name) {
			continue
		}
		value, err := in.Value("", name)
		if err != nil {
			return err
		}
		if drawn == nil {
			drawn = draw()
		}
		copy(value, drawn[i])
	}
	return nil
}

// Rows gives the first n rows of the matrix in the two last axes of w.
func Rows(w *seam.Node, n int) *seam.Node { return first(w, w.Rank()-2, n) }

// Columns gives the first n columns of the matrix in the two last axes of w.
func Columns(w *seam.Node, n int) *seam.Node { return first(w, w.Rank()-1, n) }

func first(w *seam.Node, axis, n int) *seam.Node {
	if w.Shape().Dimensions[axis] == n {
		return w
	}
	return graph.SliceAxis(w, axis, graph.AxisRange(0, n))
}

// Kaiming draws n numbers uniformly from ±sqrt(6/fanIn), as torch's kaiming_uniform_ does by default (He et al. 2015,
// arXiv:1502.01852).
func Kaiming(g *torchrand.Generator, n, fanIn int) []float32 {
	bound := math.Sqrt(3) * (math.Sqrt2 / math.Sqrt(float64(fanIn)))
	out := make([]float32, n)
	g.Uniform(out, -bound, bound)
	return out
}

// Ones is a Param.Init that sets ones.
func Ones(_ *rand.Rand, out []float32) {
	for i := range out {
		out[i] = 1
	}
}

// Fixed makes a Param.Init that sets what was computed before.
func Fixed(v []float32) func(*rand.Rand, []float32) {
	return func(_ *rand.Rand, out []float32) { copy(out, v) }
}

// Narrow is At.Narrow of an update that drops its inputs with probability p while training, in which it stays as it is.
func Narrow(at *seam.At, m seam.Map, width int, p float64) seam.Map {
	if at.Training() && p > 0 {
		return m
	}
	return at.Narrow(m, width)
}
