package psoft

import (
	"fmt"
	"math"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/graph"

	"github.com/gopeft/gopeft/internal/batched"
	"github.com/gopeft/gopeft/internal/svd"
	"github.com/gopeft/gopeft/peft/seam"
)

// Names of a site's values.
const (
	nameQ        = "psoft_R.weight" // S's upper triangle, or Q itself where it is free
	nameScaleA   = "psoft_R.vector_a"
	nameScaleB   = "psoft_R.vector_b"
	nameA, nameB = "psoft_A", "psoft_B"
	nameScale    = "scale" // alpha/r
)

// method is PSOFT with resolved settings.
type method struct{ c Config }

var (
	_ seam.WeightHook  = (*method)(nil)
	_ seam.Initializer = (*method)(nil)
	_ seam.Starter     = (*method)(nil)
)

// GraphKey implements seam.Method.
func (m *method) GraphKey() string {
	eps := 0.0
	if m.c.CayleyNeumannEps != nil {
		eps = *m.c.CayleyNeumannEps
	}
	return fmt.Sprintf("free=%t,neumann=%t/%d/%g,dropout=%g", !*m.c.Orthogonal, m.c.UseCayleyNeumann, m.c.CayleyNeumannTerms, eps, m.c.Dropout)
}

// Plan implements seam.Method.
func (m *method) Plan(b *seam.Blueprint) (*seam.Plan, error) {
	lacking := 0
	plan, err := b.PlanSites(seam.Selector{
		Targets: m.c.Targets, Exclude: m.c.Exclude, LayersToTransform: m.c.LayersToTransform, LayersPattern: m.c.LayersPattern,
	}, func(s seam.Site) ([]seam.Param, error) {
		out, err := m.params(s)
		if err == nil && b.Loaded {
			own := seam.Param{Site: s.Path, Name: nameA}
			if _, ok := b.FileShape(own.FileKey()); !ok {
				lacking++
			}
		}
		return out, err
	})
	if err == nil && lacking > 0 {
		plan.Warnings = append(plan.Warnings, fmt.Sprintf("the file holds no %s, %s at %d targets, as HF PEFT's don't: they are "+
			"computed from the weights again, with signs that need not be those of the training", nameA, nameB, lacking))
	}
	return plan, err
}

func (m *method) params(s seam.Site) ([]seam.Param, error) {
	r := m.c.R
	if r > min(s.In, s.Out) {
		return nil, seam.Sitef("r", s, "%d is more than the weight has directions", r)
	}
	q := seam.Param{Name: nameQ, Shape: []int{r * (r - 1) / 2}}
	if !*m.c.InitWeights {
		q.Init = seam.Normal(0.1)
	}
	if !*m.c.Orthogonal {
		q.Shape = []int{r, r}
	}
	out := []seam.Param{
		{Name: nameScale, Const: []float32{float32(m.c.Alpha / float64(r))}},
		{Name: nameA, Shape: []int{r, s.In}, Frozen: true, Buffer: true, Optional: true},
		{Name: nameB, Shape: []int{s.Out, r}, Frozen: true, Buffer: true, Optional: true},
	}
	if r > 1 || !*m.c.Orthogonal { // one direction has nowhere to turn
		out = append(out, q)
	}
	if *m.c.ScaleA {
		out = append(out, seam.Param{Name: nameScaleA, Shape: []int{r}, Fill: 1})
	}
	if *m.c.ScaleB {
		out = append(out, seam.Param{Name: nameScaleB, Shape: []int{r}, Fill: 1})
	}
	return out, nil
}

// Initialize implements seam.Initializer: a free Q starts around the unit matrix; and A and B, where no file has them.
func (m *method) Initialize(in *seam.Init) error {
	return in.EachSite(func(s seam.Site) error {
		if !*m.c.Orthogonal && !in.Loaded() {
			q, err := in.Value(s.Path, nameQ)
			if err != nil {
				return err
			}
			for i := 0; i < len(q); i += m.c.R + 1 {
				q[i]++
			}
		}
		if in.FromFile(s.Path, nameA) && in.FromFile(s.Path, nameB) {
			return nil
		}
		w, shape, err := in.Frozen(s.Path + ".weight")
		if err != nil {
			return err
		}
		u, values, v, err := svd.Top(w, shape[0], shape[1], m.c.R, in.Rand(s.Path))
		if err != nil {
			return fmt.Errorf("%s: %w", s.Path, err)
		}
		a, err := in.Value(s.Path, nameA)
		if err != nil {
			return err
		}
		b, err := in.Value(s.Path, nameB)
		if err != nil {
			return err
		}
		for k, value := range values {
			left, right := value*float64(m.c.R)/m.c.Alpha, 1.0
			if m.c.Split == "pissa_init" {
				left = math.Sqrt(left)
				right = left
			}
			for j, x := range v[k] {
				a[k*s.In+j] = float32(right * x)
			}
			for i, x := range u[k] {
				b[i*m.c.R+k] = float32(left * x)
			}
		}
		return nil
	})
}

// Weight implements seam.WeightHook.
func (m *method) Weight(at *seam.At, w seam.Affine) seam.Affine {
	unit := batched.Identity(at.Graph(), m.c.R)
	r := unit
	if at.HasParam(nameQ) {
		r = graph.Reshape(at.Jointly(nameQ, "turns", m.skew, m.turn), m.c.R, m.c.R)
	}
	if *m.c.ScaleB {
		r = graph.Mul(r, graph.InsertAxes(at.Param(nameScaleB), -1))
	}
	if *m.c.ScaleA {
		r = graph.Mul(r, graph.InsertAxes(at.Param(nameScaleA), 0))
	}
	update := at.Times(at.Weight(at.Param(nameB)), at.Weight(graph.Sub(r, unit)), at.Weight(at.Param(nameA)))
	w.Map = at.Plus(w.Map, at.Scaled(at.Param(nameScale), at.Dropped(update, m.c.Dropout)))
	return w
}

// skew gives S, or the free Q, of one value [1, r, r].
func (m *method) skew(v *seam.Node) *seam.Node {
	if !*m.c.Orthogonal {
		return graph.InsertAxes(v, 0)
	}
	s := batched.Skew(graph.InsertAxes(v, 0), m.c.R)
	if !m.c.UseCayleyNeumann || m.c.CayleyNeumannEps == nil {
		return s
	}
	eps := graph.Scalar(v.Graph(), dtypes.Float32, *m.c.CayleyNeumannEps)
	square := graph.ReduceAllSum(graph.Square(s))
	far := graph.GreaterThan(square, graph.Square(eps))
	norm := graph.Sqrt(graph.Where(far, square, graph.OnesLike(square))) // no root of 0, whose derivative is infinite
	return graph.Mul(s, graph.Where(far, graph.Div(eps, graph.AddScalar(norm, 1e-12)), graph.OnesLike(norm)))
}

// turn gives many Q.
func (m *method) turn(s *seam.Node) *seam.Node {
	switch {
	case !*m.c.Orthogonal:
		return s
	case m.c.UseCayleyNeumann:
		return batched.CayleyNeumann(s, m.c.CayleyNeumannTerms)
	}
	return batched.Cayley(graph.Neg(s))
}

// StartError implements seam.Starter.
func (m *method) StartError() (bound float64, why string) {
	if !*m.c.InitWeights {
		return math.Inf(1), "Q is random"
	}
	return 0, ""
}
