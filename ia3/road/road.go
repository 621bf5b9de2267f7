package road

import (
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/gomlx/gomlx/core/graph"

	"github.com/gopeft/gopeft/peft/seam"
)

// Names of a site's values.
const theta, alpha = "road_theta", "road_alpha"

// method is RoAd with resolved settings.
type method struct{ c Config }

var (
	_ seam.WeightHook = (*method)(nil)
	_ seam.Rower      = (*method)(nil)
	_ seam.Starter    = (*method)(nil)
)

// GraphKey implements seam.Method.
func (m *method) GraphKey() string { return fmt.Sprintf("%s,%d", m.c.Variant, m.c.GroupSize) }

// RowsOK implements seam.Rower: each row is turned by its own angles, by 0 where it has none.
func (*method) RowsOK() bool { return true }

// Plan implements seam.Method.
func (m *method) Plan(b *seam.Blueprint) (*seam.Plan, error) {
	return b.PlanSites(seam.Selector{Targets: m.c.Targets}, func(s seam.Site) ([]seam.Param, error) {
		if s.Out%m.c.GroupSize != 0 {
			return nil, seam.Fieldf("group_size", "%d does not divide the %d outputs of %s", m.c.GroupSize, s.Out, s.Path)
		}
		shape := []int{s.Out / 2 * sizes[m.c.Variant]}
		turn, stretch := seam.Param{Name: theta, Shape: shape}, seam.Param{Name: alpha, Shape: shape, Fill: 1}
		if !*m.c.Init {
			turn.Init = seam.Normal(0.5)
			stretch.Init = func(r *rand.Rand, out []float32) {
				for i := range out {
					out[i] = float32(1 + 0.5*r.NormFloat64())
				}
			}
		}
		return []seam.Param{turn, stretch}, nil
	})
}

// Weight implements seam.WeightHook: y becomes R y.
func (m *method) Weight(at *seam.At, w seam.Affine) seam.Affine {
	own, other := m.columns(at)
	by := func(x, v *seam.Node) *seam.Node { return graph.Mul(x, at.Spread(v, x)) }
	return at.Then(&seam.MapFunc{
		Function:   func(y *seam.Node) *seam.Node { return m.turn(y, own, other, by) },
		Transposed: func(y *seam.Node) *seam.Node { return m.turnBack(y, own, other, by) },
		At:         at, Width: at.Site.Out,
	}, w)
}

// turn is R y = own ⊙ y + other ⊙ partner(y).
func (m *method) turn(y, own, other *seam.Node, by func(x, v *seam.Node) *seam.Node) *seam.Node {
	return graph.Add(by(y, own), by(m.partner(y), other))
}

// turnBack is Rᵀ y. The partner is a quarter turn, whose transpose is its opposite.
func (m *method) turnBack(y, own, other *seam.Node, by func(x, v *seam.Node) *seam.Node) *seam.Node {
	return graph.Sub(by(y, own), m.partner(by(y, other)))
}

// partner gives each number's partner in its pair, that of the first half of a group with the sign turned.
func (m *method) partner(y *seam.Node) *seam.Node {
	split := graph.Reshape(y, -1, 2, m.c.GroupSize/2)
	first := graph.Slice(split, graph.AxisRange(), graph.AxisElem(0), graph.AxisRange())
	second := graph.Slice(split, graph.AxisRange(), graph.AxisElem(1), graph.AxisRange())
	return graph.Reshape(graph.Concatenate([]*seam.Node{graph.Neg(second), first}, 1), y.Shape().Dimensions...)
}

// columns gives by what each output and its partner are multiplied: two of [out], each row's own when ByRow.
func (m *method) columns(at *seam.At) (own, other *seam.Node) {
	angle, length := at.Param(theta), at.Param(alpha)
	lead := angle.Shape().Dimensions[:angle.Rank()-1] // [batch] when ByRow
	shaped := func(x *seam.Node, dims ...int) *seam.Node {
		return graph.Reshape(x, append(lead[:len(lead):len(lead)], dims...)...)
	}
	switch m.c.Variant {
	case OnePair: // both halves of a group have the same
		both := func(x *seam.Node) *seam.Node {
			half := shaped(x, -1, 1, m.c.GroupSize/2)
			return shaped(graph.Concatenate([]*seam.Node{half, half}, half.Rank()-2), at.Site.Out)
		}
		own, other = both(graph.Mul(length, graph.Cos(angle))), both(graph.Mul(length, graph.Sin(angle)))
	case TwoPair:
		own, other = graph.Mul(length, graph.Cos(angle)), graph.Mul(length, graph.Sin(angle))
	case FourPair: // of each group first those of own, then those of other
		part := func(x *seam.Node, i int) *seam.Node {
			x = shaped(x, -1, 2, m.c.GroupSize)
			return shaped(graph.SliceAxis(x, -2, graph.AxisElem(i)), at.Site.Out)
		}
		own = graph.Mul(part(length, 0), graph.Cos(part(angle, 0)))
		other = graph.Mul(part(length, 1), graph.Sin(part(angle, 1)))
	}
	return own, other
}

// StartError implements seam.Starter.
func (m *method) StartError() (bound float64, why string) {
	if !*m.c.Init {
		return math.Inf(1), "angles and lengths are random"
	}
	return 0, ""
}
