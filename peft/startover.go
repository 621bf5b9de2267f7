package peft

import "fmt"

// StartOver gives an adapter the values that it was trained with so far, so that its training can go on; a trainer
// that resumes uses it. values are those that train, by their keys in the adapter's file or the names that HF PEFT
// has for them. Some methods keep less in their files than they train, as prefix tuning, whose file has the prefix
// and not the network that makes it. An adapter that was loaded from such a file is then made anew from its config;
// values that are not named get first ones by opts, as in [Attach].
func (a *Adapted) StartOver(name string, values Tensors, opts ...Option) error {
	ad, err := a.Adapter(name)
	if err != nil {
		return err
	}
	if ad.publish(values) == nil {
		return nil
	}
	cfg := ad.Config()
	o := gather(opts)
	fresh, err := New(ad.backbone).fresh(name, cfg, &o)
	if err != nil {
		return fmt.Errorf("start %q over: %w", name, err)
	}
	fresh.ownSized, fresh.extras = ad.ownSized, ad.extras
	if err := fresh.publish(values); err != nil {
		return err
	}
	return a.swap(ad, fresh)
}
