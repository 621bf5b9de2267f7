package c3a

import (
	"fmt"
	"math"

	"github.com/gomlx/gomlx/core/graph"

	"github.com/gopeft/gopeft/peft/seam"
)

// nameKernel is a site's value: the first row of each circulant block [out/b, in/b, b].
const nameKernel = "c3a_kernel"

// method is C3A with resolved settings.
type method struct{ c Config }

var (
	_ seam.WeightHook   = (*method)(nil)
	_ seam.Starter      = (*method)(nil)
	_ seam.Approximator = (*method)(nil)
)

// GraphKey implements seam.Method.
func (m *method) GraphKey() string { return fmt.Sprintf("exact=%t", m.c.exact()) }

// Plan implements seam.Method.
func (m *method) Plan(b *seam.Blueprint) (*seam.Plan, error) {
	plan, err := b.PlanSites(seam.Selector{
		Targets: m.c.Targets, LayersToTransform: m.c.LayersToTransform, LayersPattern: m.c.LayersPattern, Bias: m.c.Bias,
	}, m.params)
	if err != nil {
		return nil, err
	}
	return plan, seam.CheckPattern(b, "block_size_pattern", m.c.BlockSizePattern, plan.Sites)
}

func (m *method) params(s seam.Site) ([]seam.Param, error) {
	size, err := m.c.BlockSizePattern.For(s.Path, m.c.BlockSize)
	if err != nil {
		return nil, seam.Fieldf("block_size_pattern", "%v", err)
	}
	if s.In%size != 0 || s.Out%size != 0 {
		return nil, seam.Sitef("block_size", s, "%d does not divide both widths", size)
	}
	p := seam.Param{Name: nameKernel, Shape: []int{s.Out / size, s.In / size, size}}
	switch m.c.InitWeights {
	case Xavier, none:
		p.Init = seam.Uniform(math.Sqrt(6 / float64(s.In+s.Out)))
	case Kaiming:
		p.Init = seam.Uniform(math.Sqrt(1 / float64(s.In)))
	case Gaussian:
		p.Init = seam.Normal(1)
	}
	return []seam.Param{p}, nil
}

// Weight implements seam.WeightHook.
func (m *method) Weight(at *seam.At, w seam.Affine) seam.Affine {
	kernel := graph.DivScalar(at.Param(nameKernel), float64(at.Site.In))
	size := kernel.Shape().Dimensions[2]
	block := at.Weight(circulant(kernel, 2*size-1))
	if m.c.exact() {
		w.Map = at.Plus(w.Map, block)
		return w
	}
	back := at.Weight(graph.StopGradient(circulant(kernel, size+1)))
	w.Map = at.Plus(w.Map, &seam.MapFunc{
		At: at, Width: at.Site.In, Whole: block.Matrix,
		Function: func(x *seam.Node) *seam.Node { // block's value, and back's derivative by x
			y := back.Apply(x)
			return graph.Add(block.Apply(graph.StopGradient(x)), graph.Sub(y, graph.StopGradient(y)))
		},
	})
	return w
}

// circulant lays the blocks out [out, in]. Each row of a block is cut from w, w, w, … so many numbers after the one above it: with
// 2b-1 it begins a place earlier in w, with b+1 a place later.
func circulant(kernel *seam.Node, stride int) *seam.Node {
	d := kernel.Shape().Dimensions
	m, n, b := d[0], d[1], d[2]
	again := graph.BroadcastToDims(graph.InsertAxes(kernel, 2), m, n, stride, b)
	rows := graph.SliceAxis(graph.Reshape(again, m, n, b, stride), 3, graph.AxisRange(0, b))
	return graph.Reshape(graph.TransposeAllAxes(rows, 0, 2, 1, 3), m*b, n*b)
}

// ApproximateGradient implements seam.Approximator.
func (m *method) ApproximateGradient(string) (why string) {
	if m.c.exact() {
		return ""
	}
	return "what a block passes down to its input is HF PEFT's, not the derivative"
}

// StartError implements seam.Starter.
func (m *method) StartError() (bound float64, why string) {
	if m.c.InitWeights == Zeros {
		return 0, ""
	}
	return math.Inf(1), "the kernels are random"
}
