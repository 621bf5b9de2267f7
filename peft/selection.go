package peft

import (
	"fmt"
	"strconv"
	"strings"
)

// Selection says which adapters act in one call, and how they go together: [Use], [Stack], [Average], [Rows], or
// [Base] for none. The zero value is [Base]. A Selection is an immutable value that knows no model: names are looked
// up by the call, and an unknown one is then an error that matches [ErrAdapter].
//
// Adapters that act together add their updates of a weight, where they change weights; modules that they insert
// follow each other in the selection's order.
type Selection struct {
	op      op
	name    string
	parts   []Selection
	weights []float64
	rows    []string
	pool    []string
}

type op int

const (
	opNone op = iota
	opUse
	opStack
	opAverage
	opRows
	opMissing // the adapter of a row that a Rows selection does not have
)

// Base selects no adapter: the model alone.
func Base() Selection { return Selection{} }

// Use selects adapters by name. All of them act, in this order.
func Use(names ...string) Selection {
	parts := make([]Selection, len(names))
	for i, n := range names {
		parts[i] = Selection{op: opUse, name: n}
	}
	return Stack(parts...)
}

// Stack makes one selection of several, which act one after another.
func Stack(parts ...Selection) Selection {
	if len(parts) == 1 {
		return parts[0]
	}
	return Selection{op: opStack, parts: parts}
}

// Average weighs adapters against each other: what each part adds to the model's values is multiplied by its weight,
// and the sum is added. The weights are not normalised: 1 and 1 add both parts in full. There is one weight for each
// part. Other weights need no other program.
func Average(weights []float64, parts ...Selection) Selection {
	return Selection{op: opAverage, parts: parts, weights: append([]float64{}, weights...)}
}

// Rows gives each row of a batch an adapter of its own, by name; "" is the model alone. There must be as many names
// as rows. It serves requests for different adapters in one batch.
func Rows(names ...string) Selection { return Selection{op: opRows, rows: names} }

// Among names all adapters that a [Rows] selection may ever name. Every assignment of them then runs the same
// compiled program, where otherwise each set of names in use needs one.
func (s Selection) Among(pool ...string) Selection {
	s.pool = pool
	return s
}

// RepeatRows is for a batch in which each row was repeated n times, its copies behind one another: it repeats the
// names of a [Rows] selection in the same way. Other selections stay as they are.
func (s Selection) RepeatRows(n int) Selection {
	rows := s.rows
	s.rows = nil
	for _, name := range rows {
		for range n {
			s.rows = append(s.rows, name)
		}
	}
	return s
}

// String shows the selection, in the syntax of [ParseSelection] but for rows and the model alone.
func (s Selection) String() string {
	var parts []string
	for i, p := range s.parts {
		text := p.String()
		if s.op == opAverage && i < len(s.weights) {
			text += ":" + strconv.FormatFloat(s.weights[i], 'g', -1, 64)
		}
		parts = append(parts, text)
	}
	switch s.op {
	case opUse, opMissing:
		return s.name
	case opStack:
		return "stack(" + strings.Join(parts, ",") + ")"
	case opAverage:
		return "average(" + strings.Join(parts, ",") + ")"
	case opRows:
		return "rows(" + strings.Join(s.rows, ",") + ")"
	}
	return "base"
}

// chain is adapters that act one after another, with their weight in an average.
type chain struct {
	weight   float64
	weighted bool
	names    []string
}

// chains multiplies a selection out, so that it is one average of chains: a stack of an average becomes an average of
// stacks.
func (s Selection) chains() ([]chain, error) {
	switch s.op {
	case opNone:
		return []chain{{weight: 1}}, nil
	case opUse:
		return []chain{{weight: 1, names: []string{s.name}}}, nil
	case opAverage:
		if len(s.weights) != len(s.parts) || len(s.parts) == 0 {
			return nil, fmt.Errorf("%w: average has %d parts and %d weights", ErrAdapter, len(s.parts), len(s.weights))
		}
		var out []chain
		rest := 1.0
		for i, p := range s.parts {
			if w := s.weights[i]; w-w != 0 {
				return nil, fmt.Errorf("%w: average weighs its part %d by %v", ErrAdapter, i+1, w)
			}
			rest -= s.weights[i]
			sub, err := p.chains()
			if err != nil {
				return nil, err
			}
			for _, c := range sub {
				out = append(out, chain{weight: c.weight * s.weights[i], weighted: true, names: c.names})
			}
		}
		// What stands beside an average in a stack acts in full, whatever the weights sum to. So there is one more chain,
		// without any part, whose weight is what is missing to 1; also if that is 0, so that other weights need no other
		// program.
		return append(out, chain{weight: rest, weighted: true}), nil
	case opStack:
		out := []chain{{weight: 1}}
		for _, p := range s.parts {
			sub, err := p.chains()
			if err != nil {
				return nil, err
			}
			var next []chain
			for _, a := range out {
				for _, b := range sub {
					next = append(next, chain{
						weight: a.weight * b.weight, weighted: a.weighted || b.weighted,
						names: append(append([]string{}, a.names...), b.names...),
					})
				}
			}
			out = next
		}
		return out, nil
	}
	if s.op == opMissing {
		return nil, fmt.Errorf("%w: there is no %s", ErrAdapter, s.name)
	}
	return nil, fmt.Errorf("%w: rows can't stand inside a composition", ErrAdapter)
}
