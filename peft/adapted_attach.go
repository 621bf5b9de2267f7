package peft

import (
	"fmt"
	"strings"

	"github.com/gopeft/gopeft/peft/seam"
)

// Option changes how an adapter is attached or loaded: [Seed], [Lenient], [AllowNotFinite], [TrainStatistics] or
// [Calibrate].
type Option func(*options)

type options struct {
	seed       uint64
	lenient    bool
	notFinite  bool // allowed
	statistics bool
	calibrate  *calibrating
}

// Seed sets the seed of an adapter's random first values. Equal seeds give equal values; without it the seed is 0.
func Seed(seed uint64) Option { return func(o *options) { o.seed = seed } }

// Lenient accepts what HF PEFT accepts with at most a warning and is an error here otherwise: names in a config that
// match no module, tensors that a file lacks (they keep their first values) or has too many, values that are not
// finite, and a head with random values that is neither trained nor saved.
func Lenient() Option { return func(o *options) { o.lenient, o.notFinite = true, true } }

// AllowNotFinite accepts values of an adapter that are NaN or infinite, for who wants to look into what a run that broke
// down has left. All else stays as strict as it is. Without it such a value is a [NotFiniteError].
func AllowNotFinite() Option { return func(o *options) { o.notFinite = true } }

func gather(opts []Option) options {
	var o options
	for _, f := range opts {
		if f != nil {
			f(&o)
		}
	}
	return o
}

// Attach puts a new adapter on a model, ready to be trained. The name is yours, for selections; cfg, a pointer to the
// config of a method, is copied. Errors are those of [Adapted.Attach].
func Attach(b *Backbone, name string, cfg Config, opts ...Option) (*Adapted, error) {
	a := New(b)
	return a, a.Attach(name, cfg, opts...)
}

// Attach puts a new adapter beside the others. cfg, a pointer to the config of a method, is copied. A setting that
// can't be used matches [ErrConfig] or [ErrUnsupported], a target that matches no module [ErrTarget], a name that is
// taken or malformed [ErrAdapter].
func (a *Adapted) Attach(name string, cfg Config, opts ...Option) error {
	o := gather(opts)
	if err := a.takes(name); err != nil {
		return err
	}
	if err := a.backbone.enter(); err != nil {
		return err
	}
	defer a.backbone.leave()
	own, err := seam.CloneConfig(cfg)
	if err != nil {
		return fmt.Errorf("attach %q: %w", name, err)
	}
	ad, err := a.fresh(name, own, &o)
	if err != nil {
		return fmt.Errorf("attach %q: %w", name, err)
	}
	return a.add(ad)
}

// fresh makes an adapter with first values, which belongs to no Adapted yet. It takes cfg over.
func (a *Adapted) fresh(name string, cfg Config, o *options) (*Adapter, error) {
	on, err := a.backbone.replicatedFor(cfg)
	if err != nil {
		return nil, err
	}
	ad, err := newAdapter(name, on, cfg, seam.Planning{Lenient: o.lenient})
	if err != nil {
		return nil, err
	}
	if on != a.backbone {
		ad.ownSized = on.inBlocks()
	}
	if err := ad.checkClasses(a.backbone.Info().Classes); err != nil {
		return nil, err
	}
	if err := ad.checkHead(); err != nil && !o.lenient {
		return nil, err
	}
	ad, measured, err := ad.calibrated(o)
	if err != nil {
		return nil, err
	}
	if err := ad.ownStatistics(o.statistics, nil); err != nil {
		return nil, err
	}
	return ad, ad.initialize(o.seed, nil, measured)
}

// takes refuses a name that can't be given to a further adapter.
func (a *Adapted) takes(name string) error {
	if a.none() {
		return errNoBackbone
	}
	return checkName(name)
}

func checkName(name string) error {
	if name == "" || name != strings.TrimSpace(name) || strings.ContainsAny(name, "/\\(),:") {
		return fmt.Errorf("%w: %q is no name: it must not be empty, hold any of /\\(),: or begin or end with a space", ErrAdapter, name)
	}
	return nil
}

func (a *Adapted) add(ad *Adapter) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if _, taken := a.adapters[ad.name]; taken {
		return fmt.Errorf("%w: the name %q is taken", ErrAdapter, ad.name)
	}
	a.adapters[ad.name] = ad
	return nil
}
