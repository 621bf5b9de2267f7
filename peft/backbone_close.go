package peft

import (
	"slices"
	"sync"
	"weak"
)

// lifetime says whether a backbone is open. Each call holds its lock for reading, so that Close waits for them. The
// zero value is open.
type lifetime struct {
	mu     sync.RWMutex // held for reading by every call
	closed bool
}

// enter begins a use of the backbone, which leave ends.
func (b *Backbone) enter() error {
	if b == nil || b.net == nil {
		return errNoBackbone
	}
	b.life.mu.RLock()
	if b.life.closed {
		b.life.mu.RUnlock()
		return ErrClosed
	}
	return nil
}

// open gives ErrClosed for a backbone that was closed. It is for what calls others that enter.
func (b *Backbone) open() error {
	if err := b.enter(); err != nil {
		return err
	}
	b.leave()
	return nil
}

func (b *Backbone) leave() { b.life.mu.RUnlock() }

// Close frees the memory of the model's values and compiled programs, for a process that goes on to another model. It
// waits for calls that run; later ones give [ErrClosed]. What a merged or resized backbone shares with the one that it
// was made from is freed with the last of the two. The engine stays open. A second Close does nothing.
func (b *Backbone) Close() {
	if b == nil || b.net == nil {
		return
	}
	b.life.mu.Lock()
	defer b.life.mu.Unlock()
	if b.life.closed {
		return
	}
	b.life.closed = true
	b.rt.engine.part(b)
}

// tensors yields the values of the backbone, those that are the same once.
func (b *Backbone) tensors() func(yield func(*Tensor) bool) {
	return func(yield func(*Tensor) bool) {
		seen := map[*Tensor]bool{}
		for _, t := range b.Values() {
			if !seen[t] {
				seen[t] = true
				if !yield(t) {
					return
				}
			}
		}
	}
}

// join notes that a backbone is open, since it may hold values of others on its engine: the one that it was merged or
// resized from, and those made from it. They are known weakly, so that one that is dropped without Close is collected.
func (e *Engine) join(b *Backbone) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.backbones = append(e.others(b), weak.Make(b))
}

// others lists the open backbones but for one. The caller holds mu.
func (e *Engine) others(than *Backbone) []weak.Pointer[Backbone] {
	return slices.DeleteFunc(slices.Clone(e.backbones), func(p weak.Pointer[Backbone]) bool {
		b := p.Value()
		return b == nil || b == than
	})
}

// part frees the values of a backbone that no other one holds and, where no other one runs them, its programs.
func (e *Engine) part(b *Backbone) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.backbones = e.others(b)
	held, last := map[*Tensor]bool{}, true
	for _, p := range e.backbones {
		if other := p.Value(); other != nil {
			last = last && other.rt != b.rt
			for t := range other.tensors() {
				held[t] = true
			}
		}
	}
	for t := range b.tensors() {
		if !held[t] {
			_ = t.FinalizeAll() // best effort: one that can't be freed now is collected later
		}
	}
	if last {
		b.rt.shrink(0)
	}
}
