package peft

import "fmt"

// StartOver puts an adapter back to where its training began: values are what trained there, under their file keys or
// HF PEFT's names (see Param.Alias). Its file may lack them and hold what was computed of them, as the prefix of a
// projection; an adapter that was loaded from such a file gives way to one that is planned anew from its config, where
// values that are not named get their first ones, by opts as in Attach.
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
