package peft

import (
	"slices"

	"github.com/gopeft/gopeft/peft/seam"
)

// Mixes reports whether a batch may have the adapter in some of its rows only, by [Rows]. Most may. One that adds tokens, or
// keys and values, to its input acts on whole batches: Rows with it is an error that matches [ErrUnsupported]. So does one
// with a vocabulary or a number of classes of its own (see [Adapter.Info]).
func (a *Adapter) Mixes() bool {
	a = a.made()
	return a.ownSized == nil && !slices.ContainsFunc(a.sites(), func(s seam.Site) bool { return s.Kind == seam.Input || s.Kind == seam.Attention })
}
