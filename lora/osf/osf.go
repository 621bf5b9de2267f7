package osf

import (
	"fmt"
	"math"

	"github.com/gomlx/gomlx/core/graph"
	"gonum.org/v1/gonum/mat"

	"github.com/gopeft/gopeft/internal/svd"
	"github.com/gopeft/gopeft/peft/seam"
)

// Names of a site's values.
const (
	nameU = "osf_svd_params.U_low"
	nameS = "osf_svd_params.S_low"
	nameV = "osf_svd_params.V_low"
	// What is computed from the frozen weight: the part that the weight loses, and the vectors of the part that stays.
	nameLow, nameHighU, nameHighV = "low", "U_high", "V_high"
)

// method is OSF with resolved settings.
type method struct {
	c     Config
	ranks seam.Pattern[Rank] // RankPattern, for whole paths
}

var (
	_ seam.WeightHook   = (*method)(nil)
	_ seam.Initializer  = (*method)(nil)
	_ seam.Starter      = (*method)(nil)
	_ seam.Approximator = (*method)(nil)
)

// GraphKey implements seam.Method: shapes tell all.
func (m *method) GraphKey() string { return "" }

// Plan implements seam.Method.
func (m *method) Plan(b *seam.Blueprint) (*seam.Plan, error) {
	plan, err := b.PlanSites(seam.Selector{Targets: m.c.Targets}, m.params)
	if err != nil {
		return nil, err
	}
	return plan, seam.CheckPattern(b, "rank_pattern", m.ranks, plan.Sites)
}

// high gives how many singular values of a site stay frozen, and how many train.
func (m *method) high(s seam.Site) (high, low int, err error) {
	rank, err := m.ranks.For(s.Path, m.c.EffectiveRank)
	if err != nil {
		return 0, 0, seam.Fieldf("rank_pattern", "%v", err)
	}
	all := min(s.In, s.Out)
	high = rank.of(all)
	if high < 1 || high >= all {
		return 0, 0, seam.Sitef("effective_rank", s, "%d of the weight's %d singular values stay frozen: some must, and some must train", high, all)
	}
	return high, all - high, nil
}

func (m *method) params(s seam.Site) ([]seam.Param, error) {
	high, low, err := m.high(s)
	if err != nil {
		return nil, err
	}
	out := []seam.Param{
		{Name: nameU, Shape: []int{s.Out, low}},
		{Name: nameS, Shape: []int{low}},
		{Name: nameV, Shape: []int{low, s.In}},
		{Name: nameLow, Shape: []int{s.Out, s.In}, Const: make([]float32, s.Out*s.In)},
		{Name: nameHighU, Shape: []int{s.Out, high}, Const: make([]float32, s.Out*high)},
		{Name: nameHighV, Shape: []int{high, s.In}, Const: make([]float32, high*s.In)},
	}
	if !*m.c.InitWeights {
		for i := range 3 {
			out[i].Init = seam.Normal(1)
		}
	}
	return out, nil
}

// Initialize implements seam.Initializer: what comes from the frozen weight is in no file.
func (m *method) Initialize(in *seam.Init) error {
	return in.EachSite(func(s seam.Site) error {
		high, low, err := m.high(s)
		if err != nil {
			return err
		}
		flat, shape, err := in.Frozen(s.Path + ".weight")
		if err != nil {
			return err
		}
		w := mat.NewDense(shape[0], shape[1], nil)
		for i, v := range flat {
			w.RawMatrix().Data[i] = float64(v)
		}
		f, err := svd.Whole(w, high+low)
		if err != nil {
			return fmt.Errorf("%s: %w", s.Path, err)
		}
		set := func(name string, at func(i, j int) float64, rows, columns int) error {
			v, err := in.Value(s.Path, name)
			for i := range rows {
				for j := range columns {
					v[i*columns+j] = float32(at(i, j))
				}
			}
			return err
		}
		var part, product mat.Dense
		part.Mul(f.U.Slice(0, s.Out, high, high+low), mat.NewDiagDense(low, f.S[high:]))
		product.Mul(&part, f.V.Slice(0, s.In, high, high+low).T())
		if err := set(nameLow, product.At, s.Out, s.In); err != nil {
			return err
		}
		if err := set(nameHighU, f.U.At, s.Out, high); err != nil {
			return err
		}
		if err := set(nameHighV, func(i, j int) float64 { return f.V.At(j, i) }, high, s.In); err != nil {
			return err
		}
		if in.Loaded() || !*m.c.InitWeights {
			return nil
		}
		if err := set(nameU, func(i, j int) float64 { return f.U.At(i, high+j) }, s.Out, low); err != nil {
			return err
		}
		if err := set(nameS, func(_, j int) float64 { return f.S[high+j] }, 1, low); err != nil {
			return err
		}
		return set(nameV, func(i, j int) float64 { return f.V.At(j, high+i) }, low, s.In)
	})
}

// Weight implements seam.WeightHook.
func (m *method) Weight(at *seam.At, w seam.Affine) seam.Affine {
	u, v := at.Param(nameU), at.Param(nameV)
	highU, highV := at.Param(nameHighU), at.Param(nameHighV)
	u = aside(u, func(d *seam.Node) *seam.Node {
		return graph.MatMul(highU, graph.MatMul(graph.Transpose(highU, 0, 1), d))
	})
	v = aside(v, func(d *seam.Node) *seam.Node {
		return graph.MatMul(graph.MatMul(d, graph.Transpose(highV, 0, 1)), highV)
	})
	now := graph.MatMul(graph.Mul(u, graph.InsertAxes(at.Param(nameS), 0)), v)
	w.Map = at.Plus(w.Map, at.Weight(graph.Sub(now, at.Param(nameLow))))
	return w
}

// aside gives x as it is, with a gradient that has lost what inside, a projection, gives of it.
func aside(x *seam.Node, inside func(*seam.Node) *seam.Node) *seam.Node {
	still := graph.StopGradient(x)
	moved := graph.Sub(x, still)
	return graph.Add(still, graph.Sub(moved, inside(moved)))
}

// StartError implements seam.Starter.
func (m *method) StartError() (bound float64, why string) {
	if !*m.c.InitWeights {
		return math.Inf(1), "U, S and V are random"
	}
	return 1e-5, "a part of the weight is taken out and put back"
}

// ApproximateGradient implements seam.Approximator.
func (m *method) ApproximateGradient(param string) (why string) {
	if param == nameU || param == nameV {
		return "what points into the frozen subspace is taken out of it (section 3 of the paper)"
	}
	return ""
}
