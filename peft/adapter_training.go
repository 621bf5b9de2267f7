package peft

import (
	"errors"
	"fmt"
)

// BeginTraining reserves an adapter for a training loop until end is called: two loops on one adapter would overwrite
// each other's values. A second one gets an error that matches [ErrAdapter]; so does who deletes or replaces the
// adapter meanwhile. Calls that only use the adapter go on. end may be called more than once.
func (a *Adapter) BeginTraining() (end func(), err error) {
	if a == nil || a.plan == nil {
		return nil, errNoBackbone
	}
	token := new(byte)
	if !a.trainer.CompareAndSwap(nil, token) {
		return nil, fmt.Errorf("%w: %q is being trained already", ErrAdapter, a.name)
	}
	return func() { a.trainer.CompareAndSwap(token, nil) }, nil
}

// idle refuses to take an adapter away from who trains it: what was learned would be lost.
func (a *Adapter) idle() error {
	if a.trainer.Load() != nil {
		return fmt.Errorf("%w: %q is being trained", ErrAdapter, a.name)
	}
	return nil
}

// StartOver gives an adapter the values that it was trained with so far, so that its training can go on; a trainer
// that resumes uses it. values are those that train, by their keys in the adapter's file or the names that HF PEFT
// has for them. Some methods keep less in their files than they train, as prefix tuning, whose file has the prefix
// and not the network that makes it. An adapter that was loaded from such a file is then made anew from its config;
// values that are not named get first ones by opts, as in [Attach]. Values that are not finite are a [NotFiniteError],
// unless opts have [AllowNotFinite].
func (a *Adapted) StartOver(name string, values Tensors, opts ...Option) error {
	ad, err := a.Adapter(name)
	if err != nil {
		return err
	}
	o, broken := gather(opts), (*NotFiniteError)(nil)
	if err := ad.publish(values, o); err == nil || errors.As(err, &broken) {
		return err
	}
	cfg := ad.Config()
	fresh, err := New(ad.backbone).fresh(name, cfg, &o)
	if err != nil {
		return fmt.Errorf("start %q over: %w", name, err)
	}
	fresh.ownSized, fresh.extras = ad.ownSized, ad.extras
	if err := fresh.publish(values, o); err != nil {
		return err
	}
	return a.swap(ad, fresh)
}
