package seam

import (
	"slices"

	"github.com/gomlx/gomlx/core/graph"
)

// Times gives the product of maps, the last of which acts first, as with matrices. It is computed one map after the other,
// and its matrix without that of any map but one: the frozen weight where it is among them, else the last.
func (at *At) Times(maps ...Map) Map {
	var flat []Map
	for _, m := range maps {
		if t, ok := m.(*timesMap); ok {
			flat = append(flat, t.maps...)
		} else {
			flat = append(flat, m)
		}
	}
	if len(flat) == 1 {
		return flat[0]
	}
	return &timesMap{flat}
}

type timesMap struct{ maps []Map }

func (m *timesMap) Apply(x *Node) *Node {
	for _, part := range slices.Backward(m.maps) {
		x = part.Apply(x)
	}
	return x
}

func (m *timesMap) ApplyTransposed(y *Node) *Node {
	for _, part := range m.maps {
		y = right(y, part)
	}
	return y
}

func (m *timesMap) Matrix() *Node {
	core := slices.IndexFunc(m.maps, isWhole)
	if core < 0 {
		core = len(m.maps) - 1
	}
	out := m.maps[core].Matrix()
	for _, part := range m.maps[core+1:] {
		out = right(out, part)
	}
	for _, part := range slices.Backward(m.maps[:core]) {
		out = left(part, out)
	}
	return out
}

// isWhole reports whether a map is the frozen weight, or a sum with it.
func isWhole(m Map) bool {
	switch m := m.(type) {
	case *frozenMap, wholeMap:
		return true
	case *plusMap:
		return slices.ContainsFunc(m.maps, isWhole)
	case *timesMap:
		return slices.ContainsFunc(m.maps, isWhole)
	}
	return false
}

func (m *timesMap) read(x *Node) (*Node, bool) {
	last := len(m.maps) - 1
	first, ok := m.maps[last].(reader)
	if !ok {
		return nil, false
	}
	y, ok := first.read(x)
	if !ok {
		return nil, false
	}
	return (&timesMap{m.maps[:last]}).Apply(y), true
}

// Plus gives the sum of maps. Those that are whole matrices beside the frozen weight, as the update of LoHa is, are added to
// it first, so that x meets one matrix.
func (at *At) Plus(maps ...Map) Map {
	var flat []Map
	for _, m := range maps {
		if p, ok := m.(*plusMap); ok {
			flat = append(flat, p.maps...)
		} else {
			flat = append(flat, m)
		}
	}
	if len(flat) == 1 {
		return flat[0]
	}
	return &plusMap{at, flat}
}

type plusMap struct {
	at   *At
	maps []Map
}

// fused is the sum with one matrix for all that are whole, where it meets so many rows.
func (m *plusMap) fused(rows int) []Map {
	whole, rest := []Map(nil), []Map(nil)
	for _, part := range m.maps {
		if isMatrix(part, m.at, rows) {
			whole = append(whole, part)
		} else {
			rest = append(rest, part)
		}
	}
	if len(whole) < 2 {
		return m.maps
	}
	sum := whole[0].Matrix()
	for _, part := range whole[1:] {
		sum = graph.Add(sum, part.Matrix())
	}
	return append([]Map{&weightMap{m.at, sum}}, rest...)
}

// isMatrix reports whether a map is a matrix for all rows that stands for the whole site, or is best computed as one where so many
// rows meet it.
func isMatrix(m Map, at *At, rows int) bool {
	switch m := m.(type) {
	case *frozenMap, wholeMap:
		return true
	case *weightMap:
		d := m.w.Shape().Dimensions
		return len(d) == 2 && !at.ByRow() && d[0] == at.Site.Out
	case *narrowMap:
		return m.foldsFor(rows)
	}
	return false
}

// sum adds up what each map gives.
func sum(maps []Map, each func(Map) *Node) *Node {
	out := each(maps[0])
	for _, part := range maps[1:] {
		out = graph.Add(out, each(part))
	}
	return out
}

func (m *plusMap) Apply(x *Node) *Node {
	return sum(m.fused(rowsOf(x)), func(p Map) *Node { return p.Apply(x) })
}

func (m *plusMap) ApplyTransposed(y *Node) *Node {
	return sum(m.fused(rowsOf(y)), func(p Map) *Node { return right(y, p) })
}

func (m *plusMap) Matrix() *Node { return sum(m.maps, Map.Matrix) }

func (m *plusMap) read(x *Node) (*Node, bool) {
	maps := m.maps
	if m.at.Site.Kind != Embedding { // of whose table few rows are read: nothing is added to all of it
		maps = m.fused(0)
	}
	return sum(maps, func(p Map) *Node { return readSite(m.at.Call, m.at.Site, p, x) }), true
}
