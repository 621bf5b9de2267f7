package peft

import (
	"fmt"
	"math/rand/v2"
	"slices"

	"github.com/gopeft/gopeft/internal/seeded"
)

// Init is what an Initializer works with: the adapter's values, the frozen ones and a source of random numbers.
type Init struct {
	adapter *Adapter
	values  [][]float32
	seed    uint64
	loaded  bool
}

// Loaded reports whether the values came from a file; only what the file does not hold is then to be set.
func (in *Init) Loaded() bool { return in.loaded }

// EachSite calls f for the sites where the adapter acts.
func (in *Init) EachSite(f func(Site) error) error {
	for _, s := range in.adapter.sites() {
		if err := f(s); err != nil {
			return err
		}
	}
	return nil
}

// Sites lists those of the backbone.
func (in *Init) Sites() []Site { return slices.Clone(in.adapter.backbone.list) }

// Rand gives the source of random numbers for one purpose, as a site's path. It depends on the seed and the purpose
// only, so that the order of draws doesn't matter.
func (in *Init) Rand(purpose string) *rand.Rand { return seeded.Rand(in.seed, purpose) }

// Owner is the module that a site's weight belongs to; see Blueprint.Owner.
func (in *Init) Owner(path string) string { return ownerOf(in.adapter.backbone.origin.Tied, path) }

// Frozen gives a copy of a frozen value, row by row, and its shape.
func (in *Init) Frozen(path string) ([]float32, []int, error) {
	t := in.adapter.backbone.frozen[path]
	if t == nil {
		return nil, nil, fmt.Errorf("%w: backbone has no value %q", ErrTensor, path)
	}
	flat, err := floats(t)
	return flat, slices.Clone(t.Shape().Dimensions), err
}

// Has reports whether the adapter keeps a value of that name at a site.
func (in *Init) Has(site, name string) bool { return in.adapter.holds(site, name) }

// Value gives the value of a site by name, to read or to fill in place.
func (in *Init) Value(site, name string) ([]float32, error) {
	for i, p := range in.adapter.plan.Params {
		if p.Site == site && p.Name == name {
			return in.values[i], nil
		}
	}
	return nil, fmt.Errorf("%w: plan holds no %s of %q", ErrTensor, name, site)
}

// initialize makes the first values: from, by file key, where given (an adapter that was loaded), else drawn.
func (a *Adapter) initialize(seed uint64, from map[string][]float32) error {
	in := &Init{adapter: a, seed: seed, loaded: from != nil, values: make([][]float32, len(a.plan.Params))}
	for i := range a.plan.Params {
		p := &a.plan.Params[i]
		flat, ok := from[p.FileKey()]
		switch {
		case p.Const != nil:
			flat = slices.Clone(p.Const)
		case ok:
		case p.Replaces != "":
			var err error
			if flat, err = a.backbone.replaced(p); err != nil {
				return err
			}
		default:
			flat = make([]float32, p.size())
			for j := range flat {
				flat[j] = p.Fill
			}
			if p.Init != nil {
				p.Init(seeded.Rand(seed, p.FileKey()), flat)
			}
		}
		if len(flat) != p.size() {
			return &TensorError{Tensor: p.FileKey(), Reason: fmt.Sprintf("%d values for shape %v", len(flat), p.Shape)}
		}
		in.values[i] = flat
	}
	if m, ok := a.method.(Initializer); ok {
		if err := guard("drawing first values", func() error { return m.Initialize(in) }); err != nil {
			return fmt.Errorf("%s: %w", a.cfg.PEFTType(), err)
		}
	}
	s := &snapshot{values: make([]*Tensor, len(in.values))}
	for i, flat := range in.values {
		s.values[i] = newTensor(flat, a.plan.Params[i].Shape)
	}
	a.values.Store(s)
	return nil
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
