package adamss

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"sync"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"

	"github.com/gopeft/gopeft/peft/seam"
)

// Names of a site's values. Those of A and B are followed by the number of the subspace.
const (
	nameA, nameB = "adamss_A.", "adamss_B."
	nameBasis    = "adamss_newB"
	nameOrder    = "adamss_index" // the weight's rows, those of the first subspace first
)

// method is AdaMSS with resolved settings.
type method struct {
	c Config

	mu      sync.Mutex
	divided map[string]*subspaces // by site: what Plan found, until Initialize takes it
}

var (
	_ seam.WeightHook  = (*method)(nil)
	_ seam.Initializer = (*method)(nil)
	_ seam.Starter     = (*method)(nil)
)

// GraphKey implements seam.Method: shapes tell all.
func (m *method) GraphKey() string { return "" }

// Plan implements seam.Method.
func (m *method) Plan(b *seam.Blueprint) (*seam.Plan, error) {
	lacking := 0
	plan, err := b.PlanSites(seam.Selector{
		Targets: m.c.Targets, LayersToTransform: m.c.LayersToTransform, LayersPattern: m.c.LayersPattern,
	}, func(s seam.Site) ([]seam.Param, error) {
		heights, ranks, ordered := fromFile(b, s)
		if heights == nil {
			fresh, err := m.divide(b, s)
			if err != nil {
				return nil, err
			}
			m.keep(s, fresh)
			return m.params(b, s, fresh.heights, fresh.ranks), nil
		}
		if !ordered {
			again, err := m.divide(b, s)
			if err != nil {
				return nil, err
			}
			if !slices.Equal(again.heights, heights) {
				return nil, &seam.TensorError{Tensor: key(s, nameOrder), Reason: fmt.Sprintf(
					"is missing, and the weight's rows, divided again, give subspaces of %v rows, where the file has %v", again.heights, heights)}
			}
			m.keep(s, again)
			lacking++
		}
		return m.params(b, s, heights, ranks), nil
	})
	if err == nil && lacking > 0 {
		plan.Warnings = append(plan.Warnings, fmt.Sprintf("the file holds no %s at %d targets, as HF PEFT's don't: the weights' rows "+
			"were divided again, and a row between two subspaces need not have come to the one it was trained in", nameOrder, lacking))
	}
	return plan, err
}

func key(s seam.Site, name string) string {
	p := seam.Param{Site: s.Path, Name: name}
	return p.FileKey()
}

func number(name string, i int) string { return name + strconv.Itoa(i) }

// fromFile gives the heights and ranks of the subspaces that a file has, nil where it lacks one of the values that HF PEFT's
// have, and whether it tells which rows they are.
func fromFile(b *seam.Blueprint, s seam.Site) (heights, ranks []int, ordered bool) {
	for i := 0; ; i++ {
		shape, ok := b.FileShape(key(s, number(nameB, i)))
		if !ok || len(shape) != 2 || shape[0] < 1 || shape[1] < 1 {
			break
		}
		heights, ranks = append(heights, shape[0]), append(ranks, shape[1])
	}
	rows := 0
	for _, n := range heights {
		rows += n
	}
	if rows != s.Out { // of another weight: what is wrong shows beside the shapes that this one has
		return nil, nil, false
	}
	_, ordered = b.FileShape(key(s, nameOrder))
	return heights, ranks, ordered
}

// params are the values of one site.
func (m *method) params(b *seam.Blueprint, s seam.Site, heights, ranks []int) []seam.Param {
	columns := s.In
	if _, ok := b.Shape(s.Path + ".bias"); ok {
		columns++
	}
	r := min(m.c.R, s.Out, columns)
	var as, bs []seam.Param
	for i, height := range heights {
		up := seam.Param{Name: number(nameB, i), Shape: []int{height, ranks[i]}}
		if m.c.InitWeights == Random {
			up.Init = seam.Normal(0.01)
		}
		as, bs = append(as, seam.Param{Name: number(nameA, i), Shape: []int{ranks[i], r}}), append(bs, up)
	}
	return slices.Concat(as, bs, []seam.Param{
		{Name: nameBasis, Shape: []int{r, columns}, Frozen: true, Buffer: true},
		{Name: nameOrder, Shape: []int{s.Out}, DType: dtypes.Int64, Frozen: true, Buffer: true, Optional: true},
	})
}

// keep holds what was found at a site for Initialize.
func (m *method) keep(s seam.Site, found *subspaces) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.divided == nil {
		m.divided = map[string]*subspaces{}
	}
	m.divided[s.Path] = found
}

// take gives what keep held, or finds it again.
func (m *method) take(from source, s seam.Site) (*subspaces, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if found := m.divided[s.Path]; found != nil {
		delete(m.divided, s.Path)
		return found, nil
	}
	return m.divide(from, s)
}

// Initialize implements seam.Initializer: it sets what no file has, and holds against the weight what a file says of its rows.
func (m *method) Initialize(in *seam.Init) error {
	return in.EachSite(func(s seam.Site) error {
		order, err := in.Ints(s.Path, nameOrder)
		if err != nil {
			return err
		}
		if in.FromFile(s.Path, nameOrder) {
			return checkOrder(s, order)
		}
		basis, err := in.Value(s.Path, nameBasis)
		if err != nil {
			return err
		}
		found, err := m.take(in, s)
		if err != nil {
			return err
		}
		copy(order, found.order)
		if !in.FromFile(s.Path, nameBasis) {
			copy(basis, found.basis)
		}
		for i, first := range found.a {
			if name := number(nameA, i); !in.FromFile(s.Path, name) {
				a, err := in.Value(s.Path, name)
				if err != nil {
					return err
				}
				copy(a, first)
			}
		}
		return nil
	})
}

// checkOrder wants each of a weight's rows once.
func checkOrder(s seam.Site, order []int32) error {
	seen := make([]bool, s.Out)
	for _, row := range order {
		if row < 0 || int(row) >= s.Out || seen[row] {
			return &seam.TensorError{Tensor: key(s, nameOrder), Reason: fmt.Sprintf("has row %d, want each of 0 to %d once", row, s.Out-1)}
		}
		seen[row] = true
	}
	return nil
}

// Weight implements seam.WeightHook.
func (m *method) Weight(at *seam.At, w seam.Affine) seam.Affine {
	basis := at.Param(nameBasis)
	var as, bs []*seam.Node
	total := 0
	for i := 0; at.HasParam(number(nameA, i)); i++ {
		as, bs = append(as, at.Param(number(nameA, i))), append(bs, at.Param(number(nameB, i)))
		total += as[i].Shape().Dimensions[0]
	}
	up, a := m.up(at, bs, total), joined(as, 0)
	var shift *seam.Node
	if in := at.Site.In; basis.Shape().Dimensions[1] > in { // the last column is the bias's
		last := graph.Slice(basis, graph.AxisRange(), graph.AxisRange(in))
		basis = graph.Slice(basis, graph.AxisRange(), graph.AxisRange(0, in))
		shift = graph.Reshape(graph.MatMul(up, graph.MatMul(a, last)), at.Site.Out)
	}
	var update seam.Map
	if total <= basis.Shape().Dimensions[0] { // then the input meets the fewest numbers so
		update = at.Times(at.Weight(up), at.Weight(graph.MatMul(a, basis)))
	} else {
		update = at.Times(at.Weight(up), at.Weight(a), at.Weight(basis))
	}
	w.Map = at.Plus(w.Map, update)
	if shift != nil {
		w = at.AddBias(w, shift)
	}
	return w
}

// up gives the matrix [out, total] in which each row of the weight has its row of its subspace's B, under that subspace's
// directions.
func (m *method) up(at *seam.At, bs []*seam.Node, total int) *seam.Node {
	g, rows, before := at.Graph(), []*seam.Node(nil), 0
	zeros := func(height, width int) *seam.Node { return graph.Zeros(g, shapes.Make(dtypes.Float32, height, width)) }
	for _, b := range bs {
		height, rank := b.Shape().Dimensions[0], b.Shape().Dimensions[1]
		parts := []*seam.Node{b}
		if before > 0 {
			parts = slices.Insert(parts, 0, zeros(height, before))
		}
		if before += rank; before < total {
			parts = append(parts, zeros(height, total-before))
		}
		rows = append(rows, joined(parts, 1))
	}
	places := graph.InsertAxes(at.Param(nameOrder), -1)
	return graph.ScatterSum(zeros(at.Site.Out, total), places, joined(rows, 0), false, true)
}

func joined(parts []*seam.Node, axis int) *seam.Node {
	if len(parts) == 1 {
		return parts[0]
	}
	return graph.Concatenate(parts, axis)
}

// StartError implements seam.Starter.
func (m *method) StartError() (bound float64, why string) {
	if m.c.InitWeights == Random {
		return math.Inf(1), "B are random"
	}
	return 0, ""
}
