package randlora

import (
	"math"

	"github.com/gomlx/compute/dtypes/bfloat16"

	"github.com/gopeft/gopeft/internal/torchrand"
	"github.com/gopeft/gopeft/lora/internal/shared"
	"github.com/gopeft/gopeft/peft/seam"
)

// Initialize implements seam.Initializer: it draws the bases as HF PEFT does.
func (m *method) Initialize(in *seam.Init) error {
	return shared.Draw(in, func() [][]float32 {
		a, _ := in.Value("", nameA)
		b, _ := in.Value("", nameB)
		small := len(a) / m.c.R
		n := m.bases(small)
		g := torchrand.NewGenerator(int64(m.c.Seed))
		switch {
		case m.c.VerySparse:
			return [][]float32{sparse(g, len(a), math.Sqrt(float64(small))), sparse(g, len(b), math.Sqrt(float64(small)))}
		case m.c.Sparse:
			return [][]float32{sparse(g, len(a), 3), sparse(g, len(b), 3)}
		}
		return [][]float32{dense(g, len(a)/small, 1, small), dense(g, len(b)/(n*m.c.R), n, m.c.R)}
	}, nameA, nameB)
}

// dense draws n arrays [rows, 1, width] in bfloat16, uniform in ±1/sqrt(width), joins them as [rows, n, width] and divides them by
// their standard deviation. Each result is rounded to bfloat16.
func dense(g *torchrand.Generator, rows, n, width int) []float32 {
	bound := math.Sqrt(3) * (math.Sqrt(2.0/(1+5)) / math.Sqrt(float64(width)))
	out := make([]float32, rows*n*width)
	drawn := make([]bfloat16.BFloat16, rows*width)
	for k := range n {
		g.UniformBFloat16(drawn, -bound, bound)
		for i, v := range drawn {
			out[(i/width*n+k)*width+i%width] = v.Float32()
		}
	}
	std := bfloat16.FromFloat32(float32(deviation(out))).Float32()
	for i, v := range out {
		out[i] = bfloat16.FromFloat32(v / std).Float32()
	}
	return out
}

// sparse draws numbers that are 1 or -1 with probability 1/(2 s) each and else 0, and divides them by their standard deviation
// (Li, Hastie and Church 2006).
func sparse(g *torchrand.Generator, n int, s float64) []float32 {
	out := make([]float32, n)
	g.Uniform(out, 0, 1)
	low, high := float32(1/(2*s)), float32(1-1/(2*s))
	for i, v := range out {
		switch {
		case v < low:
			out[i] = -1
		case v > high:
			out[i] = 1
		default:
			out[i] = 0
		}
	}
	std := float32(deviation(out))
	for i := range out {
		out[i] /= std
	}
	return out
}

// deviation is the standard deviation of a sample.
func deviation(v []float32) float64 {
	var sum, squares float64
	for _, x := range v {
		sum += float64(x)
	}
	mean := sum / float64(len(v))
	for _, x := range v {
		squares += (float64(x) - mean) * (float64(x) - mean)
	}
	return math.Sqrt(squares / float64(len(v)-1))
}
