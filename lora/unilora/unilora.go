package unilora

import (
	"fmt"
	"math"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/graph"

	"github.com/gopeft/gopeft/lora/internal/shared"
	"github.com/gopeft/gopeft/peft/seam"
)

// method is Uni-LoRA with resolved settings.
type method struct{ c Config }

var (
	_ seam.WeightHook  = (*method)(nil)
	_ seam.Initializer = (*method)(nil)
	_ seam.Starter     = (*method)(nil)
)

// Names of the values.
const (
	nameTheta                = "unilora_theta_d" // of the whole adapter
	indicesA, indicesB       = "unilora_indices_A", "unilora_indices_B"
	nameScalesA, nameScalesB = "unilora_scales_A", "unilora_scales_B"
)

// GraphKey implements seam.Method.
func (m *method) GraphKey() string { return fmt.Sprintf("dropout=%g", m.c.Dropout) }

// Plan implements seam.Method.
func (m *method) Plan(b *seam.Blueprint) (*seam.Plan, error) {
	plan, err := b.PlanSites(seam.Selector{
		Targets: m.c.Targets, LayersToTransform: m.c.LayersToTransform, LayersPattern: m.c.LayersPattern, Bias: m.c.Bias,
	}, func(seam.Site) ([]seam.Param, error) { return nil, nil })
	if err != nil {
		return nil, err
	}
	shapes := make([][]int, 0, 2*len(plan.Sites)) // of A and B, site by site
	for _, path := range plan.Sites {
		s, _ := b.Site(path)
		shapes = append(shapes, []int{m.c.R, s.In}, []int{s.Out, m.c.R})
	}
	places, scales, err := draw(shapes, m.c.Length, uint64(*m.c.Seed))
	if err != nil {
		return nil, err
	}
	for i, path := range plan.Sites {
		plan.Params = append(plan.Params,
			m.places(path, indicesA, shapes[2*i], places[2*i]), m.scales(path, nameScalesA, shapes[2*i], scales[2*i]),
			m.places(path, indicesB, shapes[2*i+1], places[2*i+1]), m.scales(path, nameScalesB, shapes[2*i+1], scales[2*i+1]))
	}
	theta := seam.Param{Name: nameTheta, Key: "base_model." + nameTheta, Shape: []int{m.c.Length}, Init: seam.Uniform(m.c.Bound)}
	if !*m.c.InitWeights {
		theta.Init = seam.Normal(1)
	}
	plan.Params = append(plan.Params, theta)
	return plan, nil
}

// places is the value of where in theta each number of a factor stands.
func (m *method) places(site, name string, shape []int, v []int32) seam.Param {
	p := seam.Param{Site: site, Name: name, Shape: shape, Ints: v}
	if m.c.SaveIndices {
		p.DType, p.Frozen, p.Buffer = dtypes.Int64, true, true
	}
	return p
}

// scales is the value of what each number of a factor is multiplied by.
func (m *method) scales(site, name string, shape []int, v []float32) seam.Param {
	p := seam.Param{Site: site, Name: name, Shape: shape}
	if !m.c.SaveIndices {
		p.Const = v
		return p
	}
	p.Frozen, p.Buffer, p.Init = true, true, shared.Fixed(v)
	return p
}

// Initialize implements seam.Initializer: it refuses places that a file has and theta has not.
func (m *method) Initialize(in *seam.Init) error {
	if !in.Loaded() || !m.c.SaveIndices {
		return nil
	}
	return in.EachSite(func(s seam.Site) error {
		for _, name := range []string{indicesA, indicesB} {
			places, err := in.Ints(s.Path, name)
			if err != nil {
				return err
			}
			for i, place := range places {
				if place < 0 || int(place) >= m.c.Length {
					return &seam.TensorError{
						Tensor: "base_model.model." + s.Path + "." + name,
						Reason: fmt.Sprintf("its number %d is %d: theta has the places 0 to %d", i, place, m.c.Length-1),
					}
				}
			}
		}
		return nil
	})
}

// Weight implements seam.WeightHook.
func (m *method) Weight(at *seam.At, w seam.Affine) seam.Affine {
	a, b := factor(at, indicesA, nameScalesA), factor(at, indicesB, nameScalesB)
	w.Map = at.Plus(w.Map, at.Times(at.Weight(b), at.Dropped(at.Weight(a), m.c.Dropout)))
	return w
}

// factor is A or B.
func factor(at *seam.At, places, scales string) *seam.Node {
	theta := graph.InsertAxes(at.Global(nameTheta), -1)
	return graph.Mul(graph.Squeeze(at.Lookup(theta, at.Param(places)), -1), at.Param(scales))
}

// StartError implements seam.Starter.
func (m *method) StartError() (bound float64, why string) {
	return math.Inf(1), "A and B both start from a random theta"
}
