package data

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Classes lists the distinct class names that examples are labelled with, so that a name's index in the list is the class's
// number. Names are sorted by their bytes; integer labels give "0", "1" and so on in numeric order. The list is what
// [Options].Classes, train.Classification and models.LoadForClasses take. One class alone is a valid list, though a model needs
// two to choose between.
//
// Classes must be all strings or all integers, and integers, being numbers of classes, must be 0 or more and leave none out up
// to the largest. Anything else is an [*ExampleError] that matches [ErrLabel]; no examples are [ErrEmpty].
func Classes(examples []Example) (names []string, err error) {
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

// Index looks up the number of a label's class. It never changes and may be used by several goroutines at once.
type Index struct {
	names   []string
	indices map[string]int
}

// NewIndex makes an index of class names, of which the first is class 0. A name that is there twice, or a list without names,
// is an error that matches [ErrOption].
func NewIndex(names []string) (*Index, error) {
	if len(names) == 0 {
		return nil, faultf(ErrOption, "Classes: there are no names of classes")
	}
	x := &Index{names: slices.Clone(names), indices: make(map[string]int, len(names))}
	for i, name := range names {
		if first, twice := x.indices[name]; twice {
			return nil, faultf(ErrOption, "Classes: %d and %d have the same name, %q", first, i, name)
		}
		x.indices[name] = i
	}
	return x, nil
}

// Names gives a copy of the class names, in the order of their numbers.
func (x *Index) Names() []string { return slices.Clone(x.names) }

// Find gives the number of a label's class: for a string the class of that name, for an integer the class of that number,
// whatever its name. A label without a class is an error that matches [ErrLabel] and lists the classes.
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

// String lists the class names for messages, in quotes; of more than twenty, the first twenty.
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
