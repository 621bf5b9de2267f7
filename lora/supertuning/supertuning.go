package supertuning

import (
	"fmt"
	"math"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"

	"github.com/gopeft/gopeft/lora/internal/shared"
	"github.com/gopeft/gopeft/peft/seam"
)

// Names of a site's values: the numbers to learn [n] and their places in the weight, row by row; the LoRA's factors [r, in] and
// [out, r] and what their product is multiplied by.
const (
	nameValues, nameIndices = "supertuning_values", "supertuning_indices"
	nameA, nameB, nameScale = "supertuning_lora_A.weight", "supertuning_lora_B.weight", "scale"
)

// method is Super-Tuning with resolved settings.
type method struct {
	c     Config
	alpha float64
}

var (
	_ seam.WeightHook  = (*method)(nil)
	_ seam.Starter     = (*method)(nil)
	_ seam.Initializer = (*method)(nil)
	_ seam.Exporter    = (*method)(nil)
)

// GraphKey implements seam.Method.
func (m *method) GraphKey() string { return fmt.Sprintf("dropout=%g", m.c.Dropout) }

// Plan implements seam.Method.
func (m *method) Plan(b *seam.Blueprint) (*seam.Plan, error) {
	return b.PlanSites(seam.Selector{Targets: m.c.Targets}, func(s seam.Site) ([]seam.Param, error) {
		n := int(float64(s.In*s.Out) * (1 - *m.c.Sparsity))
		if n < 1 {
			return nil, seam.Sitef("sparsity", s, "%v leaves none of the %d entries of its weight to train", *m.c.Sparsity, s.In*s.Out)
		}
		values := seam.Param{Name: nameValues, Shape: []int{n}}
		indices := seam.Param{Name: nameIndices, Shape: []int{n}, DType: dtypes.Int32, Frozen: true, Buffer: true}
		if !*m.c.SavePrecomputedIndices {
			indices = seam.Param{Name: nameIndices, Shape: []int{n}, Ints: make([]int32, n)} // found by Initialize
		}
		random := !*m.c.InitWeights
		if random {
			values.Init = seam.Normal(1)
		}
		params := []seam.Param{values, indices}
		if m.c.R == nil {
			return params, nil
		}
		r := *m.c.R
		first := seam.Param{Name: nameA, Shape: []int{r, s.In}, Init: seam.Uniform(1 / math.Sqrt(float64(s.In)))}
		second := seam.Param{Name: nameB, Shape: []int{s.Out, r}}
		if random {
			second.Init = seam.Uniform(1 / math.Sqrt(float64(r)))
		}
		return append(params, first, second, seam.Param{Name: nameScale, Const: []float32{float32(m.alpha / float64(r))}}), nil
	})
}

// Initialize implements seam.Initializer: it finds the places that no file held, and looks at those that one did.
func (m *method) Initialize(in *seam.Init) error {
	return in.EachSite(func(s seam.Site) error {
		places, err := in.Ints(s.Path, nameIndices)
		if err != nil {
			return err
		}
		if in.FromFile(s.Path, nameIndices) {
			return checkPlaces(s, places)
		}
		w, _, err := in.Frozen(s.Path + ".weight")
		if err != nil {
			return err
		}
		copy(places, strongest(w, len(places), *m.c.SelectTop))
		return nil
	})
}

func checkPlaces(s seam.Site, places []int32) error {
	for i, p := range places {
		if p < 0 || int(p) >= s.In*s.Out {
			return &seam.TensorError{
				Tensor: (&seam.Param{Site: s.Path, Name: nameIndices}).FileKey(),
				Reason: fmt.Sprintf("its number %d is %d: the weight has the places 0 to %d", i, p, s.In*s.Out-1),
			}
		}
	}
	return nil
}

// Weight implements seam.WeightHook.
func (m *method) Weight(at *seam.At, w seam.Affine) seam.Affine {
	places := graph.InsertAxes(at.Param(nameIndices), -1)
	flat := graph.Scatter(places, at.Param(nameValues), shapes.Make(dtypes.Float32, at.Site.Out*at.Site.In), false, false)
	w.Map = at.Plus(w.Map, at.Weight(graph.Reshape(flat, at.Site.Out, at.Site.In)))
	if m.c.R != nil {
		a := at.Dropped(at.Weight(at.Param(nameA)), m.c.Dropout)
		w.Map = at.Plus(w.Map, at.Scaled(at.Param(nameScale), at.Times(at.Weight(at.Param(nameB)), a)))
	}
	return w
}

// Export implements seam.Exporter: the config says what Alpha came to.
func (m *method) Export(cfg seam.Config, in *seam.Export) (seam.Config, seam.Tensors, error) {
	c, err := shared.Chosen[*Config](cfg)
	if err == nil && m.c.R != nil {
		c.Alpha = &m.alpha
	}
	return c, in.Values, err
}

// StartError implements seam.Starter.
func (m *method) StartError() (bound float64, why string) {
	if *m.c.InitWeights {
		return 0, ""
	}
	return math.Inf(1), "the values are random"
}
