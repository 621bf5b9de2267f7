package shira

import (
	"fmt"
	"math"
	"slices"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"

	"github.com/gopeft/gopeft/internal/torchrand"
	"github.com/gopeft/gopeft/peft/seam"
)

// Names of a site's values: the numbers to learn [n], and the rows and columns where they go [2, n].
const nameWeight, nameIndices = "shira_weight", "shira_indices"

// torchSeed is the seed of a torch.Generator that nobody seeded.
const torchSeed = 67280421310721

// method is SHiRA with resolved settings.
type method struct{ c Config }

var (
	_ seam.WeightHook  = (*method)(nil)
	_ seam.Starter     = (*method)(nil)
	_ seam.Initializer = (*method)(nil)
)

// GraphKey implements seam.Method.
func (m *method) GraphKey() string { return "" }

// Plan implements seam.Method.
func (m *method) Plan(b *seam.Blueprint) (*seam.Plan, error) {
	if m.c.MaskType != "random" && !b.Loaded {
		return nil, seam.Fieldf("mask_type", "%q: fresh adapters can only have random masks", m.c.MaskType)
	}
	drawn := map[[2]int][]int32{} // targets of one shape share their places
	return b.PlanSites(seam.Selector{Targets: m.c.Targets}, func(s seam.Site) ([]seam.Param, error) {
		n := m.c.R * (s.In + s.Out)
		if n > s.In*s.Out {
			return nil, seam.Sitef("r", s, "%d asks for %d values, more than the %d entries of its weight", m.c.R, n, s.In*s.Out)
		}
		weight := seam.Param{Name: nameWeight, Shape: []int{n}}
		if !*m.c.InitWeights {
			weight.Init = seam.Normal(1)
		}
		indices := seam.Param{Name: nameIndices, Shape: []int{2, n}, DType: dtypes.Int32, Frozen: true, Buffer: true}
		if !b.Loaded {
			key := [2]int{s.Out, s.In}
			if drawn[key] == nil {
				drawn[key] = m.draw(s, n)
			}
			indices.Ints = drawn[key]
		}
		return []seam.Param{weight, indices}, nil
	})
}

// draw gives the rows of a site's n places, and then their columns, in the order in which they stand in the weight.
func (m *method) draw(s seam.Site, n int) []int32 {
	seed := int64(torchSeed)
	if m.c.RandomSeed != nil {
		seed = *m.c.RandomSeed
	}
	places := torchrand.NewGenerator(seed).PermHead(s.Out*s.In, n)
	slices.Sort(places)
	out := make([]int32, 2*n)
	for i, p := range places {
		out[i], out[n+i] = int32(p/s.In), int32(p%s.In)
	}
	return out
}

// Initialize implements seam.Initializer: it looks at a file's places.
func (m *method) Initialize(in *seam.Init) error {
	if !in.Loaded() {
		return nil
	}
	return in.EachSite(func(s seam.Site) error {
		places, err := in.Ints(s.Path, nameIndices)
		if err != nil {
			return err
		}
		n := len(places) / 2
		for i := range n {
			if row, column := places[i], places[n+i]; row < 0 || int(row) >= s.Out || column < 0 || int(column) >= s.In {
				return &seam.TensorError{
					Tensor: (&seam.Param{Site: s.Path, Name: nameIndices}).FileKey(),
					Reason: fmt.Sprintf("place %d is row %d, column %d, outside of the weight [%d, %d]", i, row, column, s.Out, s.In),
				}
			}
		}
		return nil
	})
}

// Weight implements seam.WeightHook.
func (m *method) Weight(at *seam.At, w seam.Affine) seam.Affine {
	places := graph.Transpose(at.Param(nameIndices), 0, 1)
	shape := shapes.Make(dtypes.Float32, at.Site.Out, at.Site.In)
	w.Map = at.Plus(w.Map, at.Weight(graph.Scatter(places, at.Param(nameWeight), shape, false, false)))
	return w
}

// StartError implements seam.Starter.
func (m *method) StartError() (bound float64, why string) {
	if *m.c.InitWeights {
		return 0, ""
	}
	return math.Inf(1), "the values are random"
}
