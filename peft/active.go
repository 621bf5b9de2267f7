package peft

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/gomlx/compute/dtypes"

	"github.com/gopeft/gopeft/peft/seam"
)

// active is what a selection means at one moment: the adapters that act, their values then, and how they are
// combined. Each adapter is a slot; each branch is a way through the slots, and the outputs of the branches are
// averaged, or chosen by row.
type active struct {
	on       *Backbone // what they act on: the Adapted's backbone, or one of an adapter's own sizes
	slots    []activeSlot
	branches []activeBranch
	rows     []int32 // the branch of each row, nil when rows do not differ
}

// activeSlot is an adapter that acts, or several whose values are stacked so that each row takes those of its own.
type activeSlot struct {
	adapter *Adapter // of a stacked slot, which several adapters share, the first of them: their methods are alike
	params  []seam.Param
	values  []*Tensor
	sites   []string
	key     string
	rows    []int32 // for each row of the batch, the index of its adapter in a stacked slot's values; nil for one adapter
}

// activeBranch is one way through the adapters: those that act one after another.
type activeBranch struct {
	slots  []int   // by index, in their order
	weight float64 // its share of an average
	scaled bool    // whether it is one of an average
	row    int     // the number by which rows choose it
}

// resolve finds the adapters of a selection, and takes their values of this moment or those given in their place.
func (a *Adapted) resolve(sel Selection, values []*Tensor) (*active, error) {
	if a.none() {
		return nil, errNoBackbone
	}
	if sel.op == opRows {
		if values != nil {
			return nil, fmt.Errorf("%w: training by rows takes no values of its own", ErrAdapter)
		}
		return a.resolveRows(sel)
	}
	chains, err := sel.chains()
	if err != nil {
		return nil, err
	}
	on, err := a.resized(sel, chains)
	if err != nil {
		return nil, err
	}
	act := &active{on: on}
	slotOf := map[string]int{}
	for _, ch := range chains {
		b := activeBranch{weight: ch.weight, scaled: ch.weighted}
		for _, name := range ch.names {
			i, ok := slotOf[name]
			if !ok {
				ad, err := a.Adapter(name)
				if err != nil {
					return nil, err
				}
				i = len(act.slots)
				slotOf[name] = i
				act.slots = append(act.slots, ad.slot())
			}
			if slices.Contains(b.slots, i) {
				return nil, fmt.Errorf("%w: %q stands twice in one chain of %s", ErrAdapter, name, sel)
			}
			b.slots = append(b.slots, i)
		}
		act.branches = append(act.branches, b)
	}
	if err := act.checkSwaps(); err != nil {
		return nil, err
	}
	return act, act.override(values)
}

// checkSwaps refuses two adapters that act one after another and bring different values for the same one of the
// model's.
func (act *active) checkSwaps() error {
	for _, b := range act.branches {
		owner := map[string]*Tensor{}
		for _, i := range b.slots {
			s := act.slots[i]
			for j, p := range s.params {
				if p.Replaces == "" {
					continue
				}
				for _, path := range append([]string{p.Replaces}, p.Shared...) {
					if other, ok := owner[path]; ok && !other.Equal(s.values[j]) {
						return fmt.Errorf("%w: two of the adapters bring their own %s; average them, or use one at a time", ErrAdapter, path)
					}
					owner[path] = s.values[j]
				}
			}
		}
	}
	return nil
}

// override puts the caller's values in place of the adapters' own: first those of all that train and, if there are
// more, those that follow training.
func (act *active) override(values []*Tensor) error {
	if values == nil {
		return nil
	}
	n, bad := 0, error(nil)
	for i := range act.slots {
		act.slots[i].values = slices.Clone(act.slots[i].values)
	}
	put := func(wanted func(*seam.Param) bool) {
		for i := range act.slots {
			s := &act.slots[i]
			for j := range s.params {
				if !wanted(&s.params[j]) {
					continue
				}
				if n < len(values) {
					s.values[j] = values[n]
					bad = cmp.Or(bad, fits(s.params[j].FileKey(), &s.params[j], values[n]))
				}
				n++
			}
		}
	}
	put((*seam.Param).Trains)
	if n < len(values) {
		put(func(p *seam.Param) bool { return p.Moving })
	}
	if n != len(values) {
		return fmt.Errorf("%w: %d values given for %d that train", ErrAdapter, len(values), n)
	}
	return bad
}

// virtual counts the positions that the adapters take with learned tokens.
func (act *active) virtual() int {
	n := 0
	for _, s := range act.slots {
		n += s.adapter.VirtualTokens()
	}
	return n
}

// checkRows compares the number of rows of a selection with the batch's.
func (act *active) checkRows(in Tensors) error {
	n := len(act.rows)
	for _, s := range act.slots {
		n = max(n, len(s.rows))
	}
	if n == 0 {
		return nil
	}
	for name, t := range in {
		if t.Rank() > 0 && t.DType() != dtypes.InvalidDType && t.Shape().Dimensions[0] != n {
			return seam.Inputf(name, "has %d rows, but adapters were chosen for %d", t.Shape().Dimensions[0], n)
		}
	}
	return nil
}
