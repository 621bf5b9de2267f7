package miss

import (
	"fmt"
	"math"

	"github.com/gomlx/gomlx/core/graph"

	"github.com/gopeft/gopeft/peft/seam"
)

const nameBlock = "miss_block"

// method is MiSS with resolved settings.
type method struct{ c Config }

var (
	_ seam.WeightHook = (*method)(nil)
	_ seam.Starter    = (*method)(nil)
)

// GraphKey implements seam.Method.
func (m *method) GraphKey() string { return fmt.Sprintf("%s,dropout=%g", m.c.Init, m.c.Dropout) }

// Plan implements seam.Method.
func (m *method) Plan(b *seam.Blueprint) (*seam.Plan, error) {
	return b.PlanSites(seam.Selector{
		Targets: m.c.Targets, Exclude: m.c.Exclude, LayersToTransform: m.c.LayersToTransform, LayersPattern: m.c.LayersPattern,
		Bias: m.c.Bias,
	}, m.params)
}

func (m *method) params(s seam.Site) ([]seam.Param, error) {
	r, p := m.c.R, seam.Param{Name: nameBlock, Shape: []int{m.c.R, s.Out}}
	switch {
	case r > s.In:
		return nil, seam.Sitef("r", s, "%d is more than there are inputs", r)
	case m.c.Init == Bat && (s.In%r != 0 || s.Out%r != 0):
		return nil, seam.Sitef("r", s, "%d does not divide the widths into blocks, which init_weights \"bat\" needs", r)
	case m.c.Init == Mini && s.Out%m.c.MiniR != 0:
		return nil, seam.Sitef("mini_r", s, "%d does not divide the outputs", m.c.MiniR)
	case m.c.Init == Bat:
		p.Shape = []int{s.Out / r, r, r}
	case m.c.Init == Mini:
		p.Shape[1] = m.c.MiniR
	case m.c.Init == seam.Random:
		p.Init = seam.Kaiming(p.Shape...)
	}
	return []seam.Param{p}, nil
}

// Weight implements seam.WeightHook.
func (m *method) Weight(at *seam.At, w seam.Affine) seam.Affine {
	update := repeated(at)
	if m.c.Init == Bat {
		update = at.Weight(multiplied(at))
	}
	w.Map = at.Plus(w.Map, at.Dropped(update, m.c.Dropout))
	return w
}

// repeated is the update whose columns, and perhaps rows, repeat: the sum of the stretches of the input, mapped.
func repeated(at *seam.At) seam.Map {
	block := at.Transpose(at.Param(nameBlock)) // [out or m, r]
	d := block.Shape().Dimensions
	in, out := at.Site.In, at.Site.Out
	return &seam.MapFunc{
		At: at, Width: in,
		Function:   func(x *seam.Node) *seam.Node { return repeat(at.Dense(fold(x, d[1]), block), out) },
		Transposed: func(y *seam.Node) *seam.Node { return repeat(at.Dense(fold(y, d[0]), at.Transpose(block)), in) },
		Whole: func() *seam.Node {
			return at.Transpose(repeat(at.Transpose(repeat(block, in)), out))
		},
	}
}

// fold adds up the stretches of n numbers of the last axis of x: [… , n]. What is missing of the last one is 0.
func fold(x *seam.Node, n int) *seam.Node {
	d := x.Shape().Dimensions
	lead, width := d[:len(d)-1:len(d)-1], d[len(d)-1]
	if width == n {
		return x
	}
	whole := width / n
	sum := graph.ReduceSum(graph.Reshape(graph.SliceAxis(x, -1, graph.AxisRange(0, whole*n)), append(lead, whole, n)...), -2)
	if rest := width - whole*n; rest > 0 {
		head := graph.Add(graph.SliceAxis(sum, -1, graph.AxisRange(0, rest)), graph.SliceAxis(x, -1, graph.AxisRange(whole*n, width)))
		sum = graph.Concatenate([]*seam.Node{head, graph.SliceAxis(sum, -1, graph.AxisRange(rest, n))}, -1)
	}
	return sum
}

// repeat repeats the last axis of x up to a width.
func repeat(x *seam.Node, width int) *seam.Node {
	d := x.Shape().Dimensions
	lead, n := d[:len(d)-1:len(d)-1], d[len(d)-1]
	if n == width {
		return x
	}
	times := (width + n - 1) / n
	all := graph.Reshape(graph.BroadcastToDims(graph.InsertAxes(x, -2), append(lead, times, n)...), append(lead, times*n)...)
	return graph.SliceAxis(all, -1, graph.AxisRange(0, width))
}

// multiplied is Bat's update [out, in]: W(o, i) B(o) + B(o) for each block.
func multiplied(at *seam.At) *seam.Node {
	b := at.Param(nameBlock) // [out/r, r, r]
	rows, r := b.Shape().Dimensions[0], b.Shape().Dimensions[1]
	w := graph.Reshape(at.Frozen().Matrix(), rows, -1, r) // [out/r, r · in/r, r]
	product := graph.Reshape(graph.Dot(w, b).General([]int{2}, []int{0}, []int{1}, []int{0}), rows, r, -1, r)
	return graph.Reshape(graph.Add(product, graph.InsertAxes(b, 2)), at.Site.Out, at.Site.In)
}

// StartError implements seam.Starter.
func (m *method) StartError() (bound float64, why string) {
	if m.c.Init == seam.Random {
		return math.Inf(1), "the block is random"
	}
	return 0, ""
}
