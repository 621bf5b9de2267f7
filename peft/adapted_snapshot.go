package peft

import "maps"

// Snapshot gives the backbone with the adapters that it has now, as an Adapted of its own: what is attached, replaced or
// deleted on one side does not show on the other. It is for work in several calls that must agree on the adapters, such as
// asking for class names and then running a batch, while another goroutine replaces them. The adapters are shared, not
// copied: values that an adapter's Set publishes show on both sides.
func (a *Adapted) Snapshot() *Adapted {
	if a == nil {
		return New(nil)
	}
	a.mu.RLock()
	defer a.mu.RUnlock()
	return &Adapted{backbone: a.backbone, adapters: maps.Clone(a.adapters), stacks: a.stacks}
}
