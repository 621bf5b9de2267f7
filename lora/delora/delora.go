package delora

import (
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/graph"

	"github.com/gopeft/gopeft/peft/seam"
)

// Names of a site's values.
const (
	nameShare  = "share" // 1/r
	nameA      = "delora_A"
	nameB      = "delora_B"
	nameLambda = "delora_lambda"
	nameNorm   = "delora_w_norm"
)

// shortest is the least norm that is divided by.
const shortest = 1e-4

// method is DeLoRA with resolved settings.
type method struct{ c Config }

var (
	_ seam.WeightHook  = (*method)(nil)
	_ seam.Rower       = (*method)(nil)
	_ seam.Initializer = (*method)(nil)
	_ seam.Starter     = (*method)(nil)
)

// GraphKey implements seam.Method.
func (m *method) GraphKey() string { return fmt.Sprintf("dropout=%g", m.c.Dropout) }

// RowsOK implements seam.Rower.
func (*method) RowsOK() bool { return true }

// Plan implements seam.Method.
func (m *method) Plan(b *seam.Blueprint) (*seam.Plan, error) {
	plan, err := b.PlanSites(seam.Selector{
		Targets: m.c.Targets, Exclude: m.c.Exclude, LayersToTransform: m.c.LayersToTransform, LayersPattern: m.c.LayersPattern,
		Bias: m.c.Bias,
	}, m.params)
	if err != nil {
		return nil, err
	}
	if err := seam.CheckPattern(b, "rank_pattern", m.c.RankPattern, plan.Sites); err != nil {
		return nil, err
	}
	return plan, seam.CheckPattern(b, "lambda_pattern", m.c.LambdaPattern, plan.Sites)
}

func (m *method) params(s seam.Site) ([]seam.Param, error) {
	r, err := m.c.RankPattern.For(s.Path, m.c.R)
	if err != nil {
		return nil, seam.Fieldf("rank_pattern", "%v", err)
	}
	lambda, err := m.c.LambdaPattern.For(s.Path, m.c.Lambda)
	if err != nil {
		return nil, seam.Fieldf("lambda_pattern", "%v", err)
	}
	a := seam.Param{Name: nameA, Shape: []int{r, s.In}, Init: seam.Kaiming(r, s.In)}
	b := seam.Param{Name: nameB, Shape: []int{s.Out, r}}
	if !*m.c.InitWeights {
		b.Init = seam.Kaiming(s.Out, r)
	}
	return []seam.Param{
		{Name: nameShare, Const: []float32{1 / float32(r)}},
		a, b,
		{Name: nameLambda, Shape: []int{1}, Init: func(_ *rand.Rand, out []float32) { out[0] = float32(lambda) }},
		{Name: nameNorm, Shape: []int{s.In}, Frozen: true, Buffer: true, Optional: true},
	}, nil
}

// Initialize implements seam.Initializer: it measures the columns of the frozen weights.
func (m *method) Initialize(in *seam.Init) error {
	return in.EachSite(func(s seam.Site) error {
		if in.FromFile(s.Path, nameNorm) {
			return nil
		}
		w, _, err := in.Frozen(s.Path + ".weight")
		if err != nil {
			return err
		}
		norm, err := in.Value(s.Path, nameNorm)
		if err != nil {
			return err
		}
		sum := make([]float64, s.In)
		for i, v := range w {
			sum[i%s.In] += float64(v) * float64(v)
		}
		for j, v := range sum {
			norm[j] = float32(math.Sqrt(v))
		}
		return nil
	})
}

// Weight implements seam.WeightHook.
func (m *method) Weight(at *seam.At, w seam.Affine) seam.Affine {
	a, b := at.Param(nameA), at.Param(nameB)
	d := graph.Div(at.Param(nameLambda), graph.Mul(length(a, -1), length(b, -2)))
	d = graph.Mul(d, at.Spread(at.Param(nameShare), d))
	update := at.Times(at.Weight(b), at.Diagonal(d), at.Weight(a), at.Diagonal(at.Param(nameNorm)))
	w.Map = at.Plus(w.Map, at.Dropped(update, m.c.Dropout))
	return w
}

// length gives the norms of a matrix along an axis. One below shortest is that, and has no gradient, as in HF PEFT.
func length(m *seam.Node, axis int) *seam.Node {
	square := graph.ReduceSum(graph.Square(m), axis)
	return graph.Sqrt(graph.Max(square, graph.Scalar(m.Graph(), dtypes.Float32, shortest*shortest)))
}

// StartError implements seam.Starter.
func (m *method) StartError() (bound float64, why string) {
	if !*m.c.InitWeights {
		return math.Inf(1), "A and B are both random"
	}
	return 0, ""
}
