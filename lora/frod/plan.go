package frod

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/gomlx/compute/dtypes"
	"github.com/gopeft/gopeft/internal/torchrand"
	"github.com/gopeft/gopeft/peft/seam"
)

// Names of the values. Those of a category have its name behind theirs.
const (
	nameV, nameIndices, nameSize = "frod_V.", "frod_s_indices.", "frod_s_size."
	nameLambda, nameValues       = "frod_lambda_l", "frod_lambda_s_values"
	nameU, nameLengths           = "u", "lengths"
)

// Plan implements seam.Method.
func (m *method) Plan(b *seam.Blueprint) (*seam.Plan, error) {
	widths := map[string]int{}
	largest := 0
	selector := seam.Selector{Targets: m.c.Targets, LayersToTransform: m.c.LayersToTransform, LayersPattern: m.c.LayersPattern, Bias: m.c.Bias}
	sites, _, err := b.Select(selector)
	if err != nil {
		return nil, err
	}
	for _, s := range sites {
		name := category(s.Path)
		if width, known := widths[name]; known && width != s.In {
			return nil, seam.Sitef("target_modules", s, "FRoD's modules of one place (%s) share a matrix, but another one has %d in", name, width)
		}
		widths[name] = s.In
		largest = max(largest, s.In*s.Out)
	}
	zeros := make([]float32, largest) // what Initialize takes the place of; one for all
	plan, err := b.PlanSites(selector, func(s seam.Site) ([]seam.Param, error) {
		params := []seam.Param{{Name: nameLambda, Shape: []int{s.In}}}
		if n := m.entries(s.In); n > 0 {
			values := seam.Param{Name: nameValues, Shape: []int{n}}
			if !*m.c.InitWeights {
				values.Init = seam.Normal(0.1)
			}
			params = append(params, values)
		}
		return append(params,
			seam.Param{Name: nameU, Shape: []int{s.Out, s.In}, Const: zeros[:s.Out*s.In]},
			seam.Param{Name: nameLengths, Shape: []int{s.In}, Const: zeros[:s.In]}), nil
	})
	if err != nil {
		return nil, err
	}
	g := torchrand.NewGenerator(m.c.Seed)
	lacking := 0
	for _, name := range slices.Sorted(maps.Keys(widths)) {
		own := m.projection(name, widths[name], g)
		plan.Params = append(plan.Params, own...)
		if _, ok := b.FileShape(own[0].FileKey()); !ok && b.Loaded {
			lacking++
		}
	}
	if lacking > 0 {
		plan.Warnings = append(plan.Warnings, fmt.Sprintf("the file lacks the V of %d kinds of modules, as HF PEFT's with save_projection "+
			"off do: it is found in the weights again, where rounding decides, and need not be that of the training", lacking))
	}
	return plan, nil
}

// entries is the number of S's entries that train.
func (m *method) entries(n int) int {
	count := min(int(float64(n*n)**m.c.SparseRate), n*n-n)
	if *m.c.SparseRate > 0 && n > 1 {
		count = max(1, count)
	}
	return count
}

// projection are the values of a category: V, the places of S's entries and S's shape. Files hold the places and the shape or,
// as they can be drawn again, not; V they always hold, but HF PEFT's may lack it.
func (m *method) projection(name string, n int, g *torchrand.Generator) []seam.Param {
	save := *m.c.SaveProjection
	out := []seam.Param{
		{Name: nameV + name, Shape: []int{n, n}, Optional: !save},
		{Name: nameSize + name, Shape: []int{2}, Ints: []int32{int32(n), int32(n)}},
	}
	if count := m.entries(n); count > 0 {
		out = append(out, seam.Param{Name: nameIndices + name, Shape: []int{2, count}, Ints: drawPlaces(g, n, count)})
	}
	for i := range out {
		p := &out[i]
		p.Key, p.Frozen, p.Buffer = "base_model."+p.Name, true, true
		if p.Ints != nil && save {
			p.DType = dtypes.Int64
		}
	}
	return out
}

// drawPlaces draws entries off the diagonal, which are counted row by row: rows, then columns.
func drawPlaces(g *torchrand.Generator, n, count int) []int32 {
	out := make([]int32, 2*count)
	for i, p := range g.PermHead(n*n-n, count) {
		row, column := p/(n-1), p%(n-1)
		if column >= row {
			column++
		}
		out[i], out[count+i] = int32(row), int32(column)
	}
	return out
}

// Ignores implements seam.Ignorer: where SaveProjection is off, the places and shapes that a file has nevertheless are passed
// over, as HF PEFT does; and where S has no entries, its empty tensors.
func (m *method) Ignores(key string) bool {
	places := strings.HasPrefix(key, "base_model."+nameIndices)
	if *m.c.SparseRate == 0 && (places || strings.HasSuffix(key, "."+nameValues)) {
		return true
	}
	return !*m.c.SaveProjection && (places || strings.HasPrefix(key, "base_model."+nameSize))
}
