package arch

import (
	"github.com/gomlx/gomlx/core/graph"

	"github.com/gopeft/gopeft/peft/seam"
)

// SpeechPositions adds to each frame what a wide convolution makes of its neighbours, instead of a position's embedding.
// The convolution's weight [hidden, hidden/groups, kernel] is kept as a direction and, for each place of the kernel, a
// norm.
type SpeechPositions struct {
	Path                   string // of the convolution
	Hidden, Kernel, Groups int
	Activation             func(*seam.Node) *seam.Node
}

// Forward maps x [batch, frames, hidden] to what is to be added to it. Graph-building.
func (p *SpeechPositions) Forward(c *seam.Call, x *seam.Node) *seam.Node {
	direction := c.Value(p.Path + weightDirection)
	norm := graph.Sqrt(graph.ReduceAndKeep(graph.Square(direction), graph.ReduceSum, 0, 1))
	weight := graph.Mul(direction, graph.Div(c.Value(p.Path+weightLength), norm))
	y := p.conv().Apply(graph.TransposeAllAxes(x, 0, 2, 1), weight)
	y = graph.TransposeAllAxes(y, 0, 2, 1)
	if p.Kernel%2 == 0 { // one more than there are frames
		y = graph.Slice(y, graph.AxisRange(), graph.AxisRange(0, x.Shape().Dimensions[1]))
	}
	bias := graph.Reshape(c.Value(p.Path+".bias"), 1, 1, p.Hidden)
	return p.Activation(graph.Add(y, bias))
}

// Names of the weight's parts, as torch's parametrisation has them.
const (
	weightLength    = ".parametrizations.weight.original0"
	weightDirection = ".parametrizations.weight.original1"
)

func (p *SpeechPositions) conv() *seam.Convolution {
	return &seam.Convolution{Kernel: []int{p.Kernel}, Stride: []int{1}, Padding: []int{p.Kernel / 2}, Dilation: []int{1}, Groups: p.Groups}
}

// lay adds the convolution. Its weight is computed, so that no adapter stands there.
func (p *SpeechPositions) lay(l *Layout) {
	l.Place(seam.Site{Path: p.Path, Kind: seam.WeightNorm, Role: "position", Layer: -1, In: p.Hidden, Out: p.Hidden, Conv: p.conv()})
	l.Values = append(l.Values,
		Value{Path: p.Path + ".bias", Shape: []int{p.Hidden}},
		Value{Path: p.Path + weightLength, Shape: []int{1, 1, p.Kernel}, Ones: true},
		Value{Path: p.Path + weightDirection, Shape: []int{p.Hidden, p.Hidden / p.Groups, p.Kernel}},
	)
}
