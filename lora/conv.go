package lora

import (
	"fmt"
	"slices"

	"github.com/gomlx/gomlx/core/graph"

	"github.com/gopeft/gopeft/peft/seam"
)

// halves are the two convolutions that A and B are: to the rank with the site's own kernel, and from there to the
// channels point by point. Only the second keeps the groups.
func halves(s seam.Site) (down, up *seam.Convolution) {
	c := *s.Conv
	c.Groups = 1
	n := len(c.Kernel)
	one := slices.Repeat([]int{1}, n)
	return &c, &seam.Convolution{Kernel: one, Stride: one, Padding: make([]int, n), Dilation: one, Groups: s.Conv.Groups}
}

// convShapes are those of A and B at a convolution.
func convShapes(s seam.Site, r int) (a, b []int, err error) {
	if r%s.Conv.Groups != 0 {
		return nil, nil, seam.Fieldf("r", "%d can't be divided among the %d groups of %s", r, s.Conv.Groups, s.Path)
	}
	_, up := halves(s)
	return append([]int{r, s.In}, s.Conv.Kernel...), append([]int{s.Out, r / s.Conv.Groups}, up.Kernel...), nil
}

// fanIn counts the inputs that a value of A's output is made of.
func fanIn(s seam.Site) int {
	n := s.In
	if s.Kind == seam.Conv {
		for _, k := range s.Conv.Kernel {
			n *= k
		}
	}
	return n
}

// Conv implements seam.ConvHook.
func (m *method) Conv(at *seam.At, x *seam.Node, next func(*seam.Node) *seam.Node) *seam.Node {
	a, b := m.factors(at)
	y := next(x)
	dropped := at.Dropout(x, m.c.Dropout)
	down, up := halves(at.Site)
	update := at.Convolve(up, at.Convolve(down, dropped, a), b)
	update = graph.Mul(update, at.Spread(at.Param(nameScale), update))
	if m.c.DoRA {
		g := at.Channels(m.gain(at, a, b), y)
		update = graph.Add(graph.Mul(graph.AddScalar(g, -1), at.BaseConv(dropped)), graph.Mul(g, update))
	}
	if m.c.LoRABias {
		bias := at.Channels(at.Param(nameBias), y)
		update = graph.Add(update, graph.Mul(bias, at.Spread(at.Param(nameScale), y)))
	}
	return graph.Add(y, update)
}

// convDelta is B A, laid out like the weight. With groups it is what HF PEFT measures DoRA's norm of, though no
// grouped weight does what A and B do.
func convDelta(at *seam.At, a, b *seam.Node) *seam.Node {
	r := a.Shape().Dimensions[0]
	product := graph.MatMul(graph.Reshape(b, -1, r), graph.Reshape(a, r, -1))
	return graph.Reshape(product, at.Base("weight").Shape().Dimensions...)
}

// checkMerge panics for a convolution of several groups: A reads the channels of all of them, which no weight of the
// module could.
func checkMerge(s seam.Site) {
	if s.Kind == seam.Conv && s.Conv.Groups > 1 {
		panic(fmt.Errorf("%w: %s convolves %d groups of channels apart, which an adapter mixes", seam.ErrMerge, s.Path, s.Conv.Groups))
	}
}
