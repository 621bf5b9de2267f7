package fourierft

import (
	"math"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"

	"github.com/gopeft/gopeft/internal/spectral"
	"github.com/gopeft/gopeft/internal/torchrand"
	"github.com/gopeft/gopeft/peft/seam"
)

// Names of a site's values: the numbers to learn [n], where they go [2n, 2] and what they are multiplied by.
const nameSpectrum, namePlaces, nameScale = "fourierft_spectrum", "places", "scale"

// method is FourierFT with resolved settings.
type method struct{ c Config }

var (
	_ seam.WeightHook = (*method)(nil)
	_ seam.Starter    = (*method)(nil)
)

// GraphKey implements seam.Method.
func (m *method) GraphKey() string { return "" }

// Plan implements seam.Method.
func (m *method) Plan(b *seam.Blueprint) (*seam.Plan, error) {
	drawn := map[[3]int][]int32{} // targets of one shape share their places
	plan, err := b.PlanSites(seam.Selector{
		Targets: m.c.Targets, Exclude: m.c.Exclude, LayersToTransform: m.c.LayersToTransform, LayersPattern: m.c.LayersPattern, Bias: m.c.Bias,
	}, func(s seam.Site) ([]seam.Param, error) {
		n, err := m.c.NFrequencyPattern.For(s.Path, m.c.NFrequency)
		if err != nil {
			return nil, seam.Fieldf("n_frequency_pattern", "%v", err)
		}
		if entries := s.Out * s.In; n > entries {
			return nil, seam.Sitef("n_frequency", s, "%d is more than the %d entries of its weight", n, entries)
		}
		key := [3]int{s.Out, s.In, n}
		if drawn[key] == nil {
			at := torchrand.NewGenerator(*m.c.RandomLocSeed).PermHead(s.Out*s.In, n)
			drawn[key] = spectral.Places(at, s.Out, s.In)
		}
		spectrum := seam.Param{Name: nameSpectrum, Shape: []int{n}}
		if !m.c.InitWeights {
			spectrum.Init = seam.Normal(1)
		}
		return []seam.Param{
			spectrum,
			{Name: namePlaces, Shape: []int{2 * n, 2}, Ints: drawn[key]},
			{Name: nameScale, Const: []float32{float32(m.c.Scaling / 2 / float64(s.Out) / float64(s.In))}},
		}, nil
	})
	if err != nil {
		return nil, err
	}
	return plan, seam.CheckPattern(b, "n_frequency_pattern", m.c.NFrequencyPattern, plan.Sites)
}

// Weight implements seam.WeightHook.
func (m *method) Weight(at *seam.At, w seam.Affine) seam.Affine {
	half := graph.Mul(at.Param(nameSpectrum), at.Param(nameScale))
	shape := shapes.Make(dtypes.Float32, at.Site.Out, at.Site.In)
	spectrum := graph.Scatter(at.Param(namePlaces), graph.Concatenate([]*seam.Node{half, half}, 0), shape, false, false)
	w.Map = at.Plus(w.Map, at.Weight(spectral.Hartley2(at.Once, spectrum)))
	return w
}

// StartError implements seam.Starter.
func (m *method) StartError() (bound float64, why string) {
	if m.c.InitWeights {
		return 0, ""
	}
	return math.Inf(1), "the spectra are random"
}
