package peft

import (
	"fmt"
	"strconv"
	"strings"
)

// Selection says which adapters act in one call. The zero value selects none: the bare backbone. Selections are
// immutable values.
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
	opMissing // a row that a Rows selection does not have
)

// Base selects no adapter.
func Base() Selection { return Selection{} }

// Use selects adapters that all act: updates of a weight add up, modules follow each other in the given order.
func Use(names ...string) Selection {
	parts := make([]Selection, len(names))
	for i, n := range names {
		parts[i] = Selection{op: opUse, name: n}
	}
	return Stack(parts...)
}

// Stack applies selections one after another.
func Stack(parts ...Selection) Selection {
	if len(parts) == 1 {
		return parts[0]
	}
	return Selection{op: opStack, parts: parts}
}

// Average weighs what the parts add to the backbone's values, just so: the weights are not normalised.
// There must be one weight for each part.
func Average(weights []float64, parts ...Selection) Selection {
	return Selection{op: opAverage, parts: parts, weights: append([]float64{}, weights...)}
}

// Rows gives each row of the batch its own adapter; "" is the bare backbone.
func Rows(names ...string) Selection { return Selection{op: opRows, rows: names} }

// Among fixes the adapters that a Rows selection may name, so that every assignment runs the same compiled program.
// Without it the program depends on the set of names in use.
func (s Selection) Among(pool ...string) Selection {
	s.pool = pool
	return s
}

// RepeatRows gives each row of a Rows selection n times, one copy behind the other, as for a batch repeated so. Other
// selections are the same for all rows.
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

// String shows the selection, compositions in the syntax of ParseSelection.
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

// chain is one path through a composition.
type chain struct {
	weight   float64
	weighted bool
	names    []string
}

// chains multiplies a composition out: a stack of an average is an average of stacks.
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
		// What stands around an average in a stack acts whole, whatever the weights sum to: the rest of it acts without
		// any part. The chain is there for a rest of 0 too, so that weights don't change the program.
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
