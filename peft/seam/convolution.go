package seam

import (
	"slices"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"
)

// Convolution is the geometry of a convolution over one to three axes, as torch's Conv1d to Conv3d. Kernel, Stride, Padding
// and Dilation have a number for each axis.
type Convolution struct {
	Kernel, Stride, Padding, Dilation []int
	// Groups is into how many groups the channels are divided, each of which is convolved by itself: in/Groups channels
	// make out/Groups. 1 is an ordinary convolution.
	Groups int
}

// Apply convolves x [batch, in, …] with a weight w [out, in/groups, kernel…] and gives [batch, out, …]. Graph-building.
func (v *Convolution) Apply(x, w *Node) *Node {
	own := v.clone()
	x = own.pointwise(x)
	switch {
	case own.tiles():
		return own.tiled(x, w)
	case own.columns(x.Graph()):
		return own.columned(x, w)
	}
	return own.general(x, w)
}

// Output gives the lengths of the axes of the output for those of an input; a 0 among them means that the input is too
// short.
func (v *Convolution) Output(in ...int) []int {
	out := make([]int, len(in))
	for i, n := range in {
		if room := n + 2*v.Padding[i] - v.extent(i); room >= 0 {
			out[i] = room/v.Stride[i] + 1
		}
	}
	return out
}

// extent is how far a kernel reaches along an axis.
func (v *Convolution) extent(axis int) int { return (v.Kernel[axis]-1)*v.Dilation[axis] + 1 }

func (v *Convolution) clone() *Convolution {
	return &Convolution{
		Kernel: slices.Clone(v.Kernel), Stride: slices.Clone(v.Stride), Padding: slices.Clone(v.Padding),
		Dilation: slices.Clone(v.Dilation), Groups: v.Groups,
	}
}

// pointwise takes a stride out of x where the kernel is a single point: the points between are never read.
func (v *Convolution) pointwise(x *Node) *Node {
	for i, k := range v.Kernel {
		if k == 1 && v.Padding[i] == 0 {
			x, v.Stride[i], v.Dilation[i] = every(x, 2+i, v.Stride[i]), 1, 1
		}
	}
	return x
}

// tiles reports whether the kernels lie side by side, so that a convolution is a linear map of each tile.
func (v *Convolution) tiles() bool {
	return v.Groups == 1 && slices.Equal(v.Kernel, v.Stride) && slices.Max(v.Padding) == 0 && slices.Max(v.Dilation) == 1
}

// tiled is Apply where tiles: a matrix product, which every engine is fastest at.
func (v *Convolution) tiled(x, w *Node) *Node {
	d := x.Shape().Dimensions
	n := len(v.Kernel)
	split, out := []int{d[0], d[1]}, []int{d[0]}
	order, inner := []int{0}, []int{1}
	for i, k := range v.Kernel {
		tiles := d[2+i] / k
		x = graph.SliceAxis(x, 2+i, graph.AxisRange(0, tiles*k))
		split, out = append(split, tiles, k), append(out, tiles)
		order, inner = append(order, 2+2*i), append(inner, 3+2*i)
	}
	x = graph.TransposeAllAxes(graph.Reshape(x, split...), append(order, inner...)...)
	features := w.Shape().Dimensions[0]
	w = graph.Reshape(w, features, -1)
	y := graph.Dot(graph.Reshape(x, -1, w.Shape().Dimensions[1]), w).General([]int{1}, nil, []int{1}, nil)
	back := []int{0, n + 1}
	for i := range n {
		back = append(back, 1+i)
	}
	return graph.TransposeAllAxes(graph.Reshape(y, append(out, features)...), back...)
}

// general is Apply by the engine's own convolution, whose gradient GoMLX has right for kernels of odd extent that are
// padded by less than that and have either strides or dilations. All others are put in those terms.
func (v *Convolution) general(x, w *Node) *Node {
	axes := compute.ConvolveAxesConfig{InputBatch: 0, InputChannels: 1, KernelOutputChannels: 0, KernelInputChannels: 1, OutputBatch: 0, OutputChannels: 1}
	padding := make([][2]int, len(v.Kernel))
	stride := v.Stride
	if slices.Max(v.Stride) > 1 && slices.Max(v.Dilation) > 1 {
		stride = slices.Repeat([]int{1}, len(v.Stride)) // and what is between is left out below
	}
	for i, p := range v.Padding {
		axis := 2 + i
		axes.InputSpatial, axes.KernelSpatial, axes.OutputSpatial = append(axes.InputSpatial, axis), append(axes.KernelSpatial, axis), append(axes.OutputSpatial, axis)
		if over := p - (v.extent(i) - 1); over > 0 {
			x, p = zeros(x, axis, over, over), p-over
		}
		padding[i] = [2]int{p, p}
		if v.extent(i)%2 == 0 { // a point more on the right, which is 0
			w = zeros(w, axis, 0, 1)
			padding[i][1] += v.Dilation[i]
		}
	}
	y := graph.Convolve(x, w).AxesConfig(axes).StridePerAxis(stride...).PaddingPerDim(padding).
		DilationPerAxis(v.Dilation...).ChannelGroupCount(v.Groups).Done()
	for i, s := range v.Stride {
		y = every(y, 2+i, s/stride[i])
	}
	return y
}

// every takes each n-th element of an axis, from the first on.
func every(x *Node, axis, n int) *Node {
	if n == 1 {
		return x
	}
	return graph.SliceAxis(x, axis, graph.AxisRange().Stride(n))
}

// zeros puts so many of them in front of an axis and behind it.
func zeros(x *Node, axis, before, behind int) *Node {
	var parts []*Node
	for _, n := range []int{before, -1, behind} {
		if n < 0 {
			parts = append(parts, x)
		} else if n > 0 {
			d := slices.Clone(x.Shape().Dimensions)
			d[axis] = n
			parts = append(parts, graph.Zeros(x.Graph(), shapes.Make(x.DType(), d...)))
		}
	}
	return graph.Concatenate(parts, axis)
}
