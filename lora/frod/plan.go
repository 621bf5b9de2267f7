package frod

import (
	"slices"
	"strings"

	"github.com/gomlx/compute/dtypes"
	"gonum.org/v1/gonum/mat"

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
	for _, name := range sortedKeys(widths) {
		plan.Params = append(plan.Params, m.projection(name, widths[name], g)...)
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

// projection are the values of a category: V, the places of S's entries and S's shape. They are in files or, all of them, not.
func (m *method) projection(name string, n int, g *torchrand.Generator) []seam.Param {
	v := seam.Param{Name: nameV + name, Shape: []int{n, n}}
	places := seam.Param{Name: nameIndices + name, Shape: []int{2, m.entries(n)}, DType: dtypes.Int64}
	size := seam.Param{Name: nameSize + name, Shape: []int{2}, DType: dtypes.Int64, Ints: []int32{int32(n), int32(n)}}
	all := []*seam.Param{&v, &size}
	if count := m.entries(n); count > 0 {
		places.Ints = drawPlaces(g, n, count)
		all = append(all, &places)
	}
	var out []seam.Param
	for _, p := range all {
		p.Key, p.Frozen, p.Buffer = "base_model."+p.Name, true, true
		if !*m.c.SaveProjection {
			p.DType = dtypes.InvalidDType
			if p == &v {
				p.Const = make([]float32, n*n)
			}
		}
		out = append(out, *p)
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

func sortedKeys(of map[string]int) []string {
	var out []string
	for k := range of {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}

// Ignores implements seam.Ignorer: where SaveProjection is off, a file's projections are passed over, as HF PEFT does; and where S
// has no entries, its empty tensors.
func (m *method) Ignores(key string) bool {
	projection := strings.HasPrefix(key, "base_model."+nameV) || strings.HasPrefix(key, "base_model."+nameIndices) || strings.HasPrefix(key, "base_model."+nameSize)
	if projection && !*m.c.SaveProjection {
		return true
	}
	return *m.c.SparseRate == 0 && (strings.HasPrefix(key, "base_model."+nameIndices) || strings.HasSuffix(key, "."+nameValues))
}

// Initialize implements seam.Initializer: it finds the V that no file held, and with it each target's U.
func (m *method) Initialize(in *seam.Init) error {
	groups, count, err := grouped(in)
	if err != nil {
		return err
	}
	for _, g := range groups {
		if err := m.initialize(in, g, count); err != nil {
			return err
		}
	}
	return nil
}

// grouped gives the categories in which an adapter acts, and each site's number.
func grouped(in *seam.Init) ([]*group, map[string]int, error) {
	byName, count := map[string]*group{}, map[string]int{}
	var out []*group
	err := in.EachSite(func(s seam.Site) error {
		name := category(s.Path)
		if byName[name] == nil {
			byName[name] = &group{name: name}
			out = append(out, byName[name])
		}
		byName[name].sites = append(byName[name].sites, s)
		count[s.Path] = len(count)
		return nil
	})
	return out, count, err
}

func (m *method) initialize(in *seam.Init, g *group, count map[string]int) error {
	weight := func(s seam.Site) (*mat.Dense, error) {
		flat, _, err := in.Frozen(s.Path + ".weight")
		if err != nil {
			return nil, err
		}
		return dense(flat, s.Out, s.In), nil
	}
	v, err := in.Value("", nameV+g.name)
	if err != nil {
		return err
	}
	if !in.FromFile("", nameV+g.name) {
		var weights []*mat.Dense
		for _, s := range g.basis(count) {
			w, err := weight(s)
			if err != nil {
				return err
			}
			weights = append(weights, w)
		}
		for i, x := range jointBasis(weights, m.c.Alpha).RawMatrix().Data {
			v[i] = float32(x)
		}
	}
	n := g.sites[0].In
	inverted := inverse(dense(v, n, n))
	for _, s := range g.sites {
		w, err := weight(s)
		if err != nil {
			return err
		}
		if err := m.set(in, s, w, inverted); err != nil {
			return err
		}
	}
	return nil
}

// set gives a site its U, and a fresh one its lambda.
func (m *method) set(in *seam.Init, s seam.Site, w, inverted *mat.Dense) error {
	u, lengths := factor(w, inverted)
	for name, from := range map[string][]float32{nameU: u, nameLengths: lengths, nameLambda: lengths} {
		if name == nameLambda && in.FromFile(s.Path, name) {
			continue
		}
		value, err := in.Value(s.Path, name)
		if err != nil {
			return err
		}
		copy(value, from)
		if name == nameLambda && !*m.c.InitWeights {
			r := in.Rand(s.Path + "." + nameLambda)
			for i := range value {
				value[i] += float32(0.1 * r.NormFloat64())
			}
		}
	}
	return nil
}
