package fishmask

import (
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/graph"

	"github.com/gopeft/gopeft/lora/internal/places"
	"github.com/gopeft/gopeft/peft/seam"
)

// Names of a site's values.
const nameValues, namePlaces = "fishmask_weight", "fishmask_indices"

// method is FishMask with resolved settings.
type method struct{ c Config }

var (
	_ seam.WeightHook  = (*method)(nil)
	_ seam.Calibrator  = (*method)(nil)
	_ seam.Initializer = (*method)(nil)
)

// GraphKey implements seam.Method.
func (m *method) GraphKey() string { return "" }

// Plan implements seam.Method. Before the data are seen, every target has one place.
func (m *method) Plan(b *seam.Blueprint) (*seam.Plan, error) {
	plan, err := b.PlanSites(seam.Selector{
		Targets: m.c.Targets, Exclude: m.c.Exclude, LayersToTransform: m.c.LayersToTransform, LayersPattern: m.c.LayersPattern,
		Kinds: []seam.Kind{seam.Linear, seam.Conv, seam.Embedding}, Bias: m.c.Bias,
	}, func(s seam.Site) ([]seam.Param, error) {
		n := 1
		if m.c.KeptPerModule != nil {
			n = m.c.KeptPerModule[s.Path]
		}
		rows, columns := places.Layout(s)
		if n > rows*columns {
			return nil, seam.Sitef("kept_per_module", s, "%d places of a weight of %d", n, rows*columns)
		}
		if n == 0 {
			return nil, nil
		}
		return []seam.Param{
			{Name: nameValues, Shape: []int{n}}, {Name: namePlaces, Shape: []int{2, n}, DType: dtypes.Int32, Frozen: true},
		}, nil
	})
	if err != nil {
		return nil, err
	}
	var sites []string
	for _, path := range plan.Sites {
		if plan.Holds(path, nameValues) {
			sites = append(sites, path)
		}
	}
	if plan.Sites = sites; len(sites) == 0 {
		return nil, seam.Fieldf("kept_per_module", "leaves no place in any target")
	}
	return plan, nil
}

// Weight implements seam.WeightHook.
func (m *method) Weight(at *seam.At, w seam.Affine) seam.Affine {
	update := places.Scatter(at, at.Param(nameValues), at.Param(namePlaces))
	w.Map = at.Plus(w.Map, places.Map(at, update))
	return w
}

// Calibration implements seam.Calibrator.
func (m *method) Calibration() *seam.Calibration {
	return &seam.Calibration{
		Setting: "keep_ratio", Gradients: true, EachRow: true,
		Measure: func(p *seam.Probe) seam.Nodes {
			if !p.Has(nameValues) {
				return nil
			}
			if m.c.GradType == "absolute" {
				return seam.Nodes{"information": graph.Abs(p.Gradient())}
			}
			return seam.Nodes{"information": graph.Square(p.Gradient())}
		},
		Collect: func(so any, row *seam.Measured) (any, bool, error) {
			c, ok := so.(*choice)
			if !ok {
				c = &choice{sum: seam.NewMeasured()}
			}
			err := c.sum.Add(row)
			return c, c.sum.Batches >= m.c.NumSamples, err
		},
		Refine: func(cfg seam.Config, so any) (seam.Config, error) {
			c, own := so.(*choice), cfg.(*Config)
			if err := c.choose(m.c.KeepRatio); err != nil {
				return nil, err
			}
			own.KeptPerModule = map[string]int{}
			for path, chosen := range c.places {
				own.KeptPerModule[path] = len(chosen)
			}
			return own, nil
		},
	}
}

// Initialize implements seam.Initializer: values start at 0, at the places that were chosen.
func (m *method) Initialize(in *seam.Init) error {
	c, ok := in.Measured().(*choice)
	if !ok {
		return in.EachSite(checkPlaces(in))
	}
	return in.EachSite(func(s seam.Site) error {
		to, err := in.Ints(s.Path, namePlaces)
		if err != nil {
			return err
		}
		places.Fill(s, c.places[s.Path], to)
		return nil
	})
}

// checkPlaces refuses a file's places that are outside of the weight.
func checkPlaces(in *seam.Init) func(seam.Site) error {
	return func(s seam.Site) error {
		indices, err := in.Ints(s.Path, namePlaces)
		if err != nil {
			return err
		}
		return places.Check(s, namePlaces, indices)
	}
}
