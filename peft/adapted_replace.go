package peft

import "fmt"

// Replace puts the adapter of a folder in the place of the one that has the name, with its settings and its values,
// while calls run. It is for a service whose adapters are trained anew: calls that have begun finish with the old
// adapter, later ones get the new one, and there is no moment without. The old one stays where the folder can't be
// opened, with the errors of [Adapted.LoadAs], and while it is being trained, which matches [ErrAdapter].
func (a *Adapted) Replace(name, dir string, opts ...Option) (*Adapter, error) {
	old, err := a.Adapter(name)
	if err != nil {
		return nil, err
	}
	fresh, err := a.open(name, dir, gather(opts))
	if err != nil {
		return nil, fmt.Errorf("replace %q: %w", name, err)
	}
	return fresh, a.swap(old, fresh)
}

// swap puts an adapter in the place of another of the same name.
func (a *Adapted) swap(old, fresh *Adapter) error {
	if err := old.idle(); err != nil {
		return err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.adapters[old.name] != old {
		return fmt.Errorf("%w: %q was deleted or replaced meanwhile", ErrAdapter, old.name)
	}
	a.adapters[old.name] = fresh
	return nil
}
