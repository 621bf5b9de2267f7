package peft

import "fmt"

// BeginTraining reserves an adapter for one who trains it, until end is called: two that train the same adapter would
// overwrite each other's values. Calls that only use the adapter are not affected. While it is reserved, the error
// matches ErrAdapter. end may be called more than once.
func (a *Adapter) BeginTraining() (end func(), err error) {
	token := new(byte)
	if !a.trainer.CompareAndSwap(nil, token) {
		return nil, fmt.Errorf("%w: %q is being trained already", ErrAdapter, a.name)
	}
	return func() { a.trainer.CompareAndSwap(token, nil) }, nil
}

// idle refuses to take an adapter away from one who trains it: what was learned would be lost.
func (a *Adapter) idle() error {
	if a.trainer.Load() != nil {
		return fmt.Errorf("%w: %q is being trained", ErrAdapter, a.name)
	}
	return nil
}
