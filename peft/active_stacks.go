package peft

import (
	"fmt"
	"slices"
	"sync"
)

// stackLimit bounds how many groups of adapters are kept stacked.
const stackLimit = 8

// stackCache keeps the stacked values of the groups of adapters that were used last, so that a batch mixed by rows
// copies values only when one of its adapters has changed. The zero value is empty.
type stackCache struct {
	mu      sync.Mutex
	entries []stackEntry // least recently used first
}

type stackEntry struct {
	key       string
	snapshots []*snapshot
	slot      activeSlot // without rows
}

// get gives the stacked slot of a group. It is made of the values of this moment where none of these is kept.
func (c *stackCache) get(members []*Adapter, make func(now []*snapshot) (activeSlot, error)) (activeSlot, error) {
	key, now := "", []*snapshot(nil)
	for _, m := range members {
		key += fmt.Sprintf("%p,", m)
		now = append(now, m.values.Load())
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	i := slices.IndexFunc(c.entries, func(e stackEntry) bool { return e.key == key })
	var e stackEntry
	if i >= 0 {
		e = c.entries[i]
		c.entries = slices.Delete(c.entries, i, i+1)
	}
	if i < 0 || !slices.Equal(e.snapshots, now) {
		slot, err := make(now)
		if err != nil {
			return slot, err
		}
		e = stackEntry{key: key, snapshots: now, slot: slot}
	}
	if c.entries = append(c.entries, e); len(c.entries) > stackLimit {
		c.entries = slices.Delete(c.entries, 0, 1)
	}
	return e.slot, nil
}
