package seam

import (
	"fmt"
	"math/rand/v2"
	"slices"

	"github.com/gopeft/gopeft/internal/safetensors"
	"github.com/gopeft/gopeft/internal/seeded"
)

// Init is what an Initializer works with: the adapter's values, the frozen ones and a source of random numbers.
type Init struct {
	frozen *Frozen
	plan   *Plan
	values [][]float32
	seed   uint64
	loaded bool
}

// Loaded reports whether the values came from a file; only what the file does not hold is then to be set.
func (in *Init) Loaded() bool { return in.loaded }

// EachSite calls f for the sites where the adapter acts.
func (in *Init) EachSite(f func(Site) error) error {
	for _, path := range in.plan.Sites {
		if err := f(in.frozen.sites[path]); err != nil {
			return err
		}
	}
	return nil
}

// Sites lists those of the backbone.
func (in *Init) Sites() []Site { return in.frozen.Sites() }

// Rand gives the source of random numbers for one purpose, as a site's path. It depends on the seed and the purpose
// only, so that the order of draws doesn't matter.
func (in *Init) Rand(purpose string) *rand.Rand { return seeded.Rand(in.seed, purpose) }

// Owner is the module that a site's weight belongs to; see Blueprint.Owner.
func (in *Init) Owner(path string) string { return ownerOf(in.frozen.tied, path) }

// Frozen gives a copy of a frozen value, row by row, and its shape.
func (in *Init) Frozen(path string) ([]float32, []int, error) {
	t := in.frozen.values[path]
	if t == nil {
		return nil, nil, fmt.Errorf("%w: backbone has no value %q", ErrTensor, path)
	}
	flat, err := safetensors.Floats(t)
	return flat, slices.Clone(t.Shape().Dimensions), err
}

// Has reports whether the adapter keeps a value of that name at a site.
func (in *Init) Has(site, name string) bool { return in.plan.index(site, name) >= 0 }

// Value gives the value of a site by name, to read or to fill in place.
func (in *Init) Value(site, name string) ([]float32, error) {
	if i := in.plan.index(site, name); i >= 0 {
		return in.values[i], nil
	}
	return nil, fmt.Errorf("%w: plan holds no %s of %q", ErrTensor, name, site)
}

// Uniform draws from [-bound, bound).
func Uniform(bound float64) func(*rand.Rand, []float32) {
	return func(r *rand.Rand, out []float32) {
		for i := range out {
			out[i] = float32((2*r.Float64() - 1) * bound)
		}
	}
}

// Normal draws from a normal distribution around 0.
func Normal(std float64) func(*rand.Rand, []float32) {
	return func(r *rand.Rand, out []float32) {
		for i := range out {
			out[i] = float32(r.NormFloat64() * std)
		}
	}
}
