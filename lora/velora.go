package lora

import (
	"math"
	"math/rand/v2"

	"github.com/gomlx/gomlx/core/graph"

	"github.com/gopeft/gopeft/peft/seam"
)

// VeLoRA is the setting of VeLoRA: while training, the gradient of A is made of compressed inputs. Each input is cut into
// groups, and of each group only its part along one direction counts. All else is LoRA. The method is meant to save memory where a
// backward pass keeps what it needs; whether it does here is the compiler's choice. Miles et al. 2024, arXiv:2405.17991.
type VeLoRA struct {
	// Groups is how many an input is cut into; the last one is filled up with zeros. 0 means 64.
	Groups int `json:"num_groups" default:"64"`
	// Scale multiplies what the gradient is made of. 0 means 1.
	Scale float64 `json:"scale" default:"1.0"`
	// Direction says what the direction is: "batch_average", the mean of all groups of each batch; "batch_average_once", that
	// of the first batch; or "random". "" means batch_average.
	Direction string `json:"init_type" default:"\"batch_average\""`

	whole bool // write all, see filled
}

// UnmarshalJSON reads an object; an unknown key is an error.
func (v *VeLoRA) UnmarshalJSON(raw []byte) error { return readSettings(raw, v) }

// MarshalJSON writes what is set.
func (v VeLoRA) MarshalJSON() ([]byte, error) { return writeSettings(v, v.whole) }

func (v *VeLoRA) validate() error {
	if v == nil {
		return nil
	}
	set := seam.WithDefaults(*v)
	switch {
	case set.Groups < 1:
		return seam.Fieldf(fieldVeLoRA, "num_groups must be at least 1, is %d", set.Groups)
	case !(set.Scale > 0) || math.IsInf(set.Scale, 0):
		return seam.Fieldf(fieldVeLoRA, "scale must be above 0, is %v", set.Scale)
	case set.Direction != averaged && set.Direction != averagedOnce && set.Direction != drawn:
		return seam.Fieldf(fieldVeLoRA, "init_type %q is none of %s, %s, %s", set.Direction, averaged, averagedOnce, drawn)
	}
	return nil
}

// The choices of VeLoRA.Direction.
const averaged, averagedOnce, drawn = "batch_average", "batch_average_once", "random"

// nameDirection is the direction [width of a group], all zeros before the first batch.
const nameDirection = "lora_velora_embed"

// param is the direction at a site.
func (v *VeLoRA) param(s seam.Site) seam.Param {
	set := seam.WithDefaults(*v)
	p := seam.Param{Site: s.Path, Name: nameDirection, Shape: []int{(s.In + set.Groups - 1) / set.Groups}, Moving: true, Buffer: true}
	if set.Direction == drawn {
		p.Moving, p.Frozen = false, true
		p.Init = func(r *rand.Rand, out []float32) {
			square := 0.0
			for i := range out {
				out[i] = float32(r.NormFloat64())
				square += float64(out[i]) * float64(out[i])
			}
			for i := range out {
				out[i] /= float32(math.Sqrt(square))
			}
		}
	}
	return p
}

// compressed is A x, whose gradient for A is that for the compressed x. Both have the same value, so it is A x with A's gradient
// stopped, and beside it a 0 that has the other gradient.
func (m *method) compressed(at *seam.At, x, a *seam.Node) *seam.Node {
	if !at.Training() {
		return at.Dense(x, a)
	}
	v := seam.WithDefaults(*m.c.VeLoRA)
	seen := graph.StopGradient(x)
	in := at.Site.In
	width := at.Param(nameDirection).Shape().Dimensions[0]
	groups := graph.Reshape(seen, -1, in)
	if fill := v.Groups*width - in; fill > 0 {
		zeros := graph.ZerosLike(graph.Slice(graph.BroadcastToDims(graph.Slice(groups, graph.AxisRange(), graph.AxisElem(0)), groups.Shape().Dimensions[0], fill), graph.AxisRange()))
		groups = graph.Concatenate([]*seam.Node{groups, zeros}, 1)
	}
	groups = graph.Reshape(groups, -1, v.Groups, width)
	direction := m.direction(at, groups, v.Direction)
	along := graph.InsertAxes(graph.ReduceSum(graph.Mul(groups, graph.Reshape(direction, 1, 1, width)), -1), -1)
	rebuilt := graph.Reshape(graph.Mul(along, graph.Reshape(direction, 1, 1, width)), -1, v.Groups*width)
	rebuilt = graph.MulScalar(graph.Slice(rebuilt, graph.AxisRange(), graph.AxisRange(0, in)), v.Scale)
	rough := at.Dense(graph.Reshape(rebuilt, x.Shape().Dimensions...), a)
	return graph.Add(at.Dense(x, graph.StopGradient(a)), graph.Sub(rough, graph.StopGradient(rough)))
}

// direction gives the direction of a batch, and keeps it.
func (m *method) direction(at *seam.At, groups *seam.Node, kind string) *seam.Node {
	kept := at.Param(nameDirection)
	if kind == drawn {
		return kept
	}
	one := unit(graph.ReduceMean(groups, 0, 1))
	if kind == averagedOnce {
		known := graph.GreaterThan(graph.ReduceAllSum(graph.Square(kept)), graph.ScalarZero(kept.Graph(), kept.DType()))
		one = graph.Where(known, kept, one)
	}
	at.Move(nameDirection, one)
	return one
}

// unit is a vector divided by its length; of zeros it is that of ones.
func unit(v *seam.Node) *seam.Node {
	square := graph.ReduceAllSum(graph.Square(v))
	none := graph.Equal(square, graph.ZerosLike(square))
	v = graph.Where(none, graph.OnesLike(v), v)
	return graph.Div(v, graph.Sqrt(graph.ReduceAllSum(graph.Square(v))))
}
