package peft

import "fmt"

// BeginTraining reserves an adapter for a training loop until end is called: two loops on one adapter would overwrite
// each other's values. A second one gets an error that matches [ErrAdapter]; so does who deletes or replaces the
// adapter meanwhile. Calls that only use the adapter go on. end may be called more than once.
func (a *Adapter) BeginTraining() (end func(), err error) {
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
