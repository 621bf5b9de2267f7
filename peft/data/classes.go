package data

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Labels gives the names of the classes that examples are labelled with: words in the order of their bytes, integers
// as "0", "1", and so on.
//
// Integers are indices of classes, so each from 0 to the largest must occur. That, a label that is missing, no class
// or of another kind than those before is an error that matches [ErrLabel] and names its place; no examples are
// [ErrEmpty].
func Labels(examples []Example) (names []string, err error) {
	if len(examples) == 0 {
		return nil, ErrEmpty
	}
	seen := map[Label]bool{}
	kind, largest := examples[0].Label.Kind(), 0
	for i, ex := range examples {
		switch l := ex.Label; {
		case l.kind != Integer && l.kind != Word:
			err = faultf(ErrLabel, "is %s, want a class: a string or an integer", l.kind)
		case l.kind != kind:
			err = faultf(ErrLabel, "%q is %s, but that of %s is %s", l, l.kind, place(examples, 0), kind)
		case l.kind == Integer && l.index < 0:
			err = faultf(ErrLabel, "%s is no index of a class: it is negative", l)
		}
		if err != nil {
			return nil, &ExampleError{Place: place(examples, i), Field: "label", Err: err}
		}
		seen[ex.Label] = true
		if ex.Label.index > examples[largest].Label.index {
			largest = i
		}
	}
	if top := examples[largest].Label; kind == Integer && top.index >= int64(len(seen)) {
		missing := int64(0)
		for seen[IntegerLabel(missing)] {
			missing++
		}
		err = faultf(ErrLabel, "classes go up to %s, but no example has class %d", top, missing)
		return nil, &ExampleError{Place: place(examples, largest), Field: "label", Err: err}
	}
	labels := make([]Label, 0, len(seen))
	for l := range seen {
		labels = append(labels, l)
	}
	slices.SortFunc(labels, func(a, b Label) int {
		return cmp.Or(cmp.Compare(a.index, b.index), strings.Compare(a.word, b.word))
	})
	for _, l := range labels {
		names = append(names, l.String())
	}
	return names, nil
}

// Index finds the index of a label's class.
type Index struct {
	names   []string
	indices map[string]int
}

// NewIndex makes an index of the names of classes. A name that is there twice, or none at all, matches [ErrOption].
func NewIndex(names []string) (*Index, error) {
	if len(names) == 0 {
		return nil, faultf(ErrOption, "no classes")
	}
	x := &Index{names: slices.Clone(names), indices: make(map[string]int, len(names))}
	for i, name := range names {
		if first, twice := x.indices[name]; twice {
			return nil, faultf(ErrOption, "classes %d and %d are both %q", first, i, name)
		}
		x.indices[name] = i
	}
	return x, nil
}

// Names gives the names of the classes in order.
func (x *Index) Names() []string { return slices.Clone(x.names) }

// Find gives the index of a label's class: of a word the class with that name, of an integer the class of that index,
// whatever its name. Errors match [ErrLabel] and list the classes.
func (x *Index) Find(l Label) (int, error) {
	switch l.kind {
	case Integer:
		if l.index >= 0 && l.index < int64(len(x.names)) {
			return int(l.index), nil
		}
		return 0, faultf(ErrLabel, "%s is outside 0..%d; the classes are %s", l, len(x.names)-1, x)
	case Word:
		if i, ok := x.indices[l.word]; ok {
			return i, nil
		}
		return 0, faultf(ErrLabel, "unknown class %q; the classes are %s", l.word, x)
	}
	return 0, faultf(ErrLabel, "is %s, want one of the classes %s", l.kind, x)
}

// String lists the classes, the first twenty of many.
func (x *Index) String() string {
	const most = 20
	quoted := make([]string, 0, most)
	for _, name := range x.names[:min(most, len(x.names))] {
		quoted = append(quoted, strconv.Quote(name))
	}
	list := strings.Join(quoted, ", ")
	if more := len(x.names) - most; more > 0 {
		list += fmt.Sprintf(" and %d more", more)
	}
	return list
}
