package seam

import (
	"fmt"
	"github.com/gopeft/gopeft/internal/seeded"
	"math"
	"math/rand/v2"
)

// Init is what an Initializer is given: the adapter's values to set, the frozen ones, and sources of random numbers.
type Init struct {
	frozen *Frozen
	plan   *Plan
	values [][]float32
	seed   uint64
	loaded bool
	from   map[string][]float32 // what a file held, by key

	measured any
}

// Measured gives what was measured on a user's data, as the method's Calibration joined it: a *Measured where that has no
// Collect. It is nil for an adapter that is loaded, and for a method that asks for no data.
func (in *Init) Measured() any { return in.measured }

// Loaded reports whether the adapter's values came from a file. Initialize then sets only what the file does not hold.
func (in *Init) Loaded() bool { return in.loaded }

// EachSite calls f for each site where the adapter acts, until one gives an error, which it returns.
func (in *Init) EachSite(f func(Site) error) error {
	for _, path := range in.plan.Sites {
		if err := f(in.frozen.sites[path]); err != nil {
			return err
		}
	}
	return nil
}

// Sites lists all sites of the backbone.
func (in *Init) Sites() []Site { return in.frozen.Sites() }

// Rand gives a source of random numbers for one purpose, a text of your choice such as a site's path. What it draws depends on
// the adapter's seed and the purpose only, so that draws for different sites don't depend on their order.
func (in *Init) Rand(purpose string) *rand.Rand { return seeded.Rand(in.seed, purpose) }

// Owner gives the path of the module that a site's weight belongs to; see Blueprint.Owner.
func (in *Init) Owner(path string) string { return ownerOf(in.frozen.tied, path) }

// Frozen gives a copy of the frozen value at a path, row by row, and its shape. Where there is none the error matches
// ErrTensor.
func (in *Init) Frozen(path string) ([]float32, []int, error) {
	return in.frozen.floats(path)
}

// Has reports whether the adapter has a value of a name (Param.Name) at a site.
func (in *Init) Has(site, name string) bool { return in.plan.index(site, name) >= 0 }

// Value gives the adapter's value of a name at a site, row by row, to read it or to fill it in place. Where the plan has none
// the error matches ErrTensor.
func (in *Init) Value(site, name string) ([]float32, error) {
	if i := in.plan.index(site, name); i >= 0 {
		return in.values[i], nil
	}
	return nil, fmt.Errorf("%w: plan holds no %s of %q", ErrTensor, name, site)
}

// Ints is Value for one of whole numbers.
func (in *Init) Ints(site, name string) ([]int32, error) {
	i := in.plan.index(site, name)
	if i < 0 || !in.plan.Params[i].IsWhole() {
		return nil, fmt.Errorf("%w: plan holds no whole numbers %s of %q", ErrTensor, name, site)
	}
	return ints(in.values[i]), nil
}

// FromFile reports whether the value of a name at a site came from a file; with a Param that is Optional it may not have,
// though the adapter was loaded.
func (in *Init) FromFile(site, name string) bool {
	i := in.plan.index(site, name)
	if i < 0 {
		return false
	}
	_, ok := in.from[in.plan.Params[i].FileKey()]
	return ok
}

// Uniform is a Param.Init that draws uniformly from [-bound, bound).
func Uniform(bound float64) func(*rand.Rand, []float32) {
	return func(r *rand.Rand, out []float32) {
		for i := range out {
			out[i] = float32((2*r.Float64() - 1) * bound)
		}
	}
}

// Kaiming is a Param.Init that draws uniformly from ±1/sqrt(fan-in), as torch draws first values of linear maps and
// convolutions of this shape [out, in, kernel…]. The fan-in is the product of all dimensions but the first.
func Kaiming(shape ...int) func(*rand.Rand, []float32) {
	fanIn := 1
	for _, n := range shape[1:] {
		fanIn *= n
	}
	return Uniform(1 / math.Sqrt(float64(fanIn)))
}

// Normal is a Param.Init that draws from the normal distribution with mean 0 and this standard deviation.
func Normal(std float64) func(*rand.Rand, []float32) {
	return func(r *rand.Rand, out []float32) {
		for i := range out {
			out[i] = float32(r.NormFloat64() * std)
		}
	}
}
