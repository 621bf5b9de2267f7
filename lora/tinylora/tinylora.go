package tinylora

import (
	"fmt"
	"math"

	"github.com/gomlx/gomlx/core/graph"

	"github.com/gopeft/gopeft/lora/internal/shared"
	"github.com/gopeft/gopeft/peft/seam"
)

// method is TinyLoRA with resolved settings.
type method struct{ c Config }

var (
	_ seam.WeightHook  = (*method)(nil)
	_ seam.Initializer = (*method)(nil)
	_ seam.Exporter    = (*method)(nil)
	_ seam.Starter     = (*method)(nil)
)

// Names of the values.
const (
	nameA, nameB = "tinylora_A", "tinylora_B"
	nameP        = "tinylora_P"
	nameV        = "tinylora_v"
)

// GraphKey implements seam.Method.
func (m *method) GraphKey() string { return fmt.Sprintf("dropout=%g", m.c.Dropout) }

// Plan implements seam.Method.
func (m *method) Plan(b *seam.Blueprint) (*seam.Plan, error) {
	plan, err := b.PlanSites(seam.Selector{
		Targets: m.c.Targets, LayersToTransform: m.c.LayersToTransform, LayersPattern: m.c.LayersPattern, Bias: m.c.Bias,
		Kinds: []seam.Kind{seam.Linear, seam.Embedding},
	}, m.params)
	if err != nil {
		return nil, err
	}
	for k, sites := range m.groups(plan.Sites) {
		v := seam.Param{
			Site: sites[0], AlsoAt: sites[1:], Name: nameV, Key: fmt.Sprintf("base_model.%s.%d", nameV, k), Shape: []int{m.c.U},
		}
		if m.c.Init != Zeros {
			v.Init = seam.Uniform(m.c.Bound)
		}
		plan.Params = append(plan.Params, v)
	}
	return plan, nil
}

// groups deals sites out to groups that share their values: as many to each but the last, which takes what is left.
func (m *method) groups(sites []string) [][]string {
	count := max(1, int(math.RoundToEven(float64(len(sites))*(1-m.c.WeightTying))))
	size := max(1, len(sites)/count)
	var out [][]string
	for i, site := range sites {
		if k := min(i/size, count-1); k < len(out) {
			out[k] = append(out[k], site)
		} else {
			out = append(out, []string{site})
		}
	}
	return out
}

// rank is how many singular values of a site's weight are taken.
func (m *method) rank(s seam.Site) int { return min(m.c.R, s.In, s.Out) }

// params are the frozen values of one site.
func (m *method) params(s seam.Site) ([]seam.Param, error) {
	r, in, out := m.rank(s), s.In, s.Out
	if s.Kind == seam.Embedding {
		in, out = out, in // the table is [rows, width]
	}
	p := seam.Param{Name: nameP, Shape: []int{m.c.U, r, r}, Frozen: true, Buffer: true}
	if !*m.c.SaveProjection {
		p.Const = make([]float32, p.Size())
	}
	return []seam.Param{
		{Name: nameA, Shape: []int{r, in}, Frozen: true, Buffer: true},
		{Name: nameB, Shape: []int{out, r}, Frozen: true, Buffer: true}, p,
	}, nil
}

// Weight implements seam.WeightHook.
func (m *method) Weight(at *seam.At, w seam.Affine) seam.Affine {
	a, b := at.Param(nameA), at.Param(nameB)
	mix := graph.Dot(at.Param(nameV), at.Param(nameP)).General([]int{0}, nil, []int{0}, nil) // [r, r]
	update := at.Times(at.Weight(b), at.Weight(mix), at.Dropped(at.Weight(a), m.c.Dropout))
	if at.Site.Kind == seam.Embedding {
		update = at.Times(at.Weight(at.Transpose(a)), at.Dropped(at.Weight(at.Transpose(mix)), m.c.Dropout), at.Weight(at.Transpose(b)))
	}
	w.Map = at.Plus(w.Map, update)
	return w
}

// Export implements seam.Exporter.
func (m *method) Export(cfg seam.Config, in *seam.Export) (seam.Config, seam.Tensors, error) {
	c, err := shared.Chosen[*Config](cfg)
	if err == nil {
		c.FanInFanOut = in.FanInFanOut()
	}
	return c, in.Values, err
}

// StartError implements seam.Starter.
func (m *method) StartError() (bound float64, why string) {
	if m.c.Init != Zeros {
		return math.Inf(1), "v starts at random"
	}
	return 0, ""
}
