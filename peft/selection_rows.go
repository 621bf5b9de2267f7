package peft

import (
	"fmt"
	"slices"
)

// NumRows tells for how many rows a Rows selection chooses adapters. ok is false for every other selection, which is the
// same for all rows.
func (s Selection) NumRows() (n int, ok bool) { return len(s.rows), s.op == opRows }

// Row gives what acts on row i: of a Rows selection the adapter chosen for that row, of any other the selection itself.
// A row that a Rows selection does not have gives a selection that every call refuses.
func (s Selection) Row(i int) Selection {
	switch {
	case s.op != opRows:
		return s
	case i < 0 || i >= len(s.rows):
		return s.without(i)
	case s.rows[i] == "":
		return Base()
	}
	return Use(s.rows[i])
}

// PickRows gives a Rows selection for the rows of these indices, in their order, as for a batch that was sorted, cut or
// filled up so. The adapters that it may name stay those of s, so that every pick of the same number of rows runs the
// same compiled program. Other selections are the same for all rows. An index without a row gives a selection that every
// call refuses.
func (s Selection) PickRows(index []int) Selection {
	if s.op != opRows {
		return s
	}
	if s.pool == nil {
		named := slices.DeleteFunc(slices.Clone(s.rows), func(name string) bool { return name == "" })
		slices.Sort(named)
		s.pool = slices.Compact(named)
	}
	rows := s.rows
	s.rows = make([]string, len(index))
	for i, row := range index {
		if row < 0 || row >= len(rows) {
			return s.without(row)
		}
		s.rows[i] = rows[row]
	}
	return s
}

// without gives the selection that stands for a row that there is none of.
func (s Selection) without(row int) Selection {
	return Selection{op: opMissing, name: fmt.Sprintf("row %d of %d", row, len(s.rows))}
}

// Names lists the adapters that a selection names, in its order, each once; those of a Rows selection in the order of the
// rows.
func (s Selection) Names() []string {
	var out []string
	add := func(name string) {
		if name != "" && !slices.Contains(out, name) {
			out = append(out, name)
		}
	}
	if s.op == opUse {
		add(s.name)
	}
	for _, part := range s.parts {
		for _, name := range part.Names() {
			add(name)
		}
	}
	for _, name := range s.rows {
		add(name)
	}
	return out
}
