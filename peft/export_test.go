package peft

import (
	"maps"
	"slices"

	"github.com/gopeft/gopeft/peft/seam"
)

// ModelOf gives a backbone's architecture.
func ModelOf(b *Backbone) seam.Model { return b.net.Model() }

// SetProgramLimit bounds the programs that a backbone keeps.
func SetProgramLimit(b *Backbone, n int) {
	b.rt.mu.Lock()
	defer b.rt.mu.Unlock()
	b.rt.limit = n
}

// Built counts the programs that a backbone has compiled so far.
func Built(b *Backbone) int {
	b.rt.mu.Lock()
	defer b.rt.mu.Unlock()
	return b.rt.built
}

// Kept counts the programs that a backbone keeps, and checks that its two indices agree.
func Kept(b *Backbone) (inMap, inList int) {
	b.rt.mu.Lock()
	defer b.rt.mu.Unlock()
	return len(b.rt.programs), b.rt.recent.Len()
}

// Held gives the kept programs, for a test to see what becomes of them.
func Held(b *Backbone) []*compiled {
	b.rt.mu.Lock()
	defer b.rt.mu.Unlock()
	var out []*compiled
	for _, k := range slices.Sorted(maps.Keys(b.rt.programs)) {
		out = append(out, b.rt.programs[k].Value.(*compiled))
	}
	return out
}

// Freed reports whether a program's memory was given back.
func Freed(b *Backbone, p *compiled) bool {
	b.rt.mu.Lock()
	defer b.rt.mu.Unlock()
	return p.gone && p.users == 0 && p.graph == nil
}
