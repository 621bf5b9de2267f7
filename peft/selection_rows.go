package peft

import (
	"fmt"
	"slices"
)

// NumRows gives the number of rows of a [Rows] selection. ok is false for all others, which are the same for every
// row.
func (s Selection) NumRows() (n int, ok bool) { return len(s.rows), s.op == opRows }

// Row gives the selection of one row: of a [Rows] selection the adapter of row i, of any other the selection itself.
// For a row that there is none of, every call with the result is an error that says so.
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

// PickRows is for a batch whose rows were sorted, cut or filled up: it gives the names of a [Rows] selection for the
// rows of these indices, in their order. The result may name the same adapters as s, so every pick of as many rows
// runs the same compiled program. Other selections stay as they are. For an index without a row, every call with the
// result is an error that says so.
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

// without gives a selection that calls refuse, since there is no such row.
func (s Selection) without(row int) Selection {
	return Selection{op: opMissing, name: fmt.Sprintf("row %d of %d", row, len(s.rows))}
}

// Names lists the adapters that a selection names, each once, in their order; those of a [Rows] selection in the
// order of the rows.
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
