package tinylora

import (
	"fmt"
	"math"

	"github.com/gopeft/gopeft/internal/svd"
	"github.com/gopeft/gopeft/internal/torchrand"
	"github.com/gopeft/gopeft/peft/seam"
)

// Initialize implements seam.Initializer: A and B of the frozen weight, and P from the seed, where no file held them.
func (m *method) Initialize(in *seam.Init) error {
	index := 0
	return in.EachSite(func(s seam.Site) error {
		seed := int64(*m.c.Seed) + int64(index)
		index++
		if !in.FromFile(s.Path, nameP) {
			p, err := in.Value(s.Path, nameP)
			if err != nil {
				return err
			}
			torchrand.NewGenerator(seed).Normal(p, 0, 1/math.Sqrt(float64(m.rank(s))))
		}
		if in.FromFile(s.Path, nameA) && in.FromFile(s.Path, nameB) {
			return nil
		}
		return m.factors(in, s)
	})
}

// factors sets A and B to the largest singular values of the site's weight.
func (m *method) factors(in *seam.Init, s seam.Site) error {
	w, shape, err := in.Frozen(s.Path + ".weight")
	if err != nil {
		return err
	}
	a, err := in.Value(s.Path, nameA)
	if err != nil {
		return err
	}
	b, err := in.Value(s.Path, nameB)
	if err != nil {
		return err
	}
	r := m.rank(s)
	u, sv, v, err := svd.Top(w, shape[0], shape[1], r, in.Rand(s.Path))
	if err != nil {
		return fmt.Errorf("%s: %w", s.Path, err)
	}
	for k := range r {
		root := math.Sqrt(sv[k])
		for j, x := range v[k] {
			a[k*shape[1]+j] = float32(root * x)
		}
		for i, x := range u[k] {
			b[i*r+k] = float32(root * x)
		}
	}
	return nil
}
