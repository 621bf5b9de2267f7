package seam

import "maps"

// Resized gives a model of another architecture, the same one for a vocabulary or classes of other numbers, that shares
// everything but the given values, whose shapes fit m. Values that were tied may then differ.
func (f *Frozen) Resized(m Model, changed Tensors) *Frozen {
	values := maps.Clone(f.values)
	maps.Copy(values, changed)
	return index(m, values, f.tied)
}
