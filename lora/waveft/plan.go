package waveft

import (
	"math"

	"github.com/gopeft/gopeft/internal/torchrand"
	"github.com/gopeft/gopeft/peft/seam"
)

// Names of a site's values: the numbers to learn [n], where they go [n, 2] and what they are multiplied by.
const nameSpectrum, namePlaces, nameScale = "waveft_spectrum", "places", "scale"

// Plan implements seam.Method.
func (m *method) Plan(b *seam.Blueprint) (*seam.Plan, error) {
	selector := seam.Selector{
		Targets: m.c.Targets, Exclude: m.c.Exclude, LayersToTransform: m.c.LayersToTransform, LayersPattern: m.c.LayersPattern, Bias: m.c.Bias,
	}
	count := func(s seam.Site) (int, error) { return m.c.NFrequencyPattern.For(s.Path, m.c.NFrequency) }
	if m.c.ProportionalParameters {
		sites, _, err := b.Select(selector)
		if err != nil {
			return nil, err
		}
		count = m.shares(sites)
	}
	drawn := map[[3]int][]int32{} // targets of one shape share their places
	plan, err := b.PlanSites(selector, func(s seam.Site) ([]seam.Param, error) {
		n, err := count(s)
		if err != nil {
			return nil, seam.Fieldf("n_frequency_pattern", "%v", err)
		}
		if entries := s.Out * s.In; n > entries {
			return nil, seam.Sitef("n_frequency", s, "%d is more than the %d entries of its weight", n, entries)
		}
		key := [3]int{s.Out, s.In, n}
		if drawn[key] == nil {
			drawn[key] = m.places(s, n)
		}
		spectrum := seam.Param{Name: nameSpectrum, Shape: []int{n}}
		if !*m.c.InitWeights {
			spectrum.Init = seam.Normal(0.01)
		}
		return []seam.Param{
			spectrum,
			{Name: namePlaces, Shape: []int{n, 2}, Ints: drawn[key]},
			{Name: nameScale, Const: []float32{float32(m.c.Scaling)}},
		}, nil
	})
	if err != nil {
		return nil, err
	}
	return plan, seam.CheckPattern(b, "n_frequency_pattern", m.c.NFrequencyPattern, plan.Sites)
}

// shares gives each site its part of what all have together, at least one value.
func (m *method) shares(sites []seam.Site) func(seam.Site) (int, error) {
	entries := 0
	for _, s := range sites {
		entries += s.In * s.Out
	}
	budget := float64(m.c.NFrequency * len(sites))
	return func(s seam.Site) (int, error) {
		share := float64(s.In*s.Out) / float64(entries)
		return max(1, int(math.RoundToEven(share*budget))), nil
	}
}

// places gives a row and a column for each of the n values of a site: in the update, or among the coefficients of wavelets.
//
// HF PEFT lays the coefficients out in four quarters, the coarse ones of both axes first, and draws from the middle of that,
// as many as the weight has. The quarter on the right, fine by its column, is taken for that which is fine along the rows,
// and the one below for the other.
func (m *method) places(s seam.Site, n int) []int32 {
	rows, columns := m.wave.Coefficients(s.Out), m.wave.Coefficients(s.In)
	top, left := (2*rows-s.Out)/2, (2*columns-s.In)/2
	out := make([]int32, 2*n)
	for i, at := range torchrand.NewGenerator(*m.c.RandomLocSeed).PermHead(s.Out*s.In, n) {
		row, column := at/s.In, at%s.In
		if *m.c.UseIDWT {
			row, column = row+top, column+left
			below, right := row >= rows, column >= columns
			row = m.wave.Place(row%rows, right, s.Out)
			column = m.wave.Place(column%columns, below, s.In)
		}
		out[2*i], out[2*i+1] = int32(row), int32(column)
	}
	return out
}
