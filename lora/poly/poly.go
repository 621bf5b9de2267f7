package poly

import (
	"math"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"

	"github.com/gopeft/gopeft/peft/seam"
)

const (
	nameA      = "poly_lora_A"               // [splits, skills, in/splits, r]
	nameB      = "poly_lora_B"               // [splits, skills, r, out/splits]
	nameLogits = "poly_router.module_logits" // [tasks, splits · skills]
)

// method is Poly with resolved settings.
type method struct{ c Config }

var (
	_ seam.LinearHook = (*method)(nil)
	_ seam.Asker      = (*method)(nil)
	_ seam.Starter    = (*method)(nil)
)

// GraphKey implements seam.Method.
func (*method) GraphKey() string { return "" }

// Plan implements seam.Method.
func (m *method) Plan(b *seam.Blueprint) (*seam.Plan, error) {
	return b.PlanSites(seam.Selector{Targets: m.c.Targets, Exclude: m.c.Exclude, Kinds: []seam.Kind{seam.Linear}}, m.params)
}

// params are the values of one site.
func (m *method) params(s seam.Site) ([]seam.Param, error) {
	n, skills, r := m.c.Splits, m.c.Skills, m.c.R
	if s.In%n != 0 || s.Out%n != 0 {
		return nil, seam.Sitef("n_splits", s, "%d does not divide both widths", n)
	}
	second := seam.Param{Name: nameB, Shape: []int{n, skills, r, s.Out / n}}
	if !*m.c.InitWeights {
		second.Init = seam.Uniform(1 / math.Sqrt(float64(r)))
	}
	return []seam.Param{
		{Name: nameA, Shape: []int{n, skills, s.In / n, r}, Init: seam.Uniform(1 / math.Sqrt(float64(s.In/n)))},
		second,
		{Name: nameLogits, Shape: []int{m.c.Tasks, n * skills}, Init: seam.Uniform(1e-3)},
	}, nil
}

// Linear implements seam.LinearHook.
func (m *method) Linear(at *seam.At, x *seam.Node, next func(*seam.Node) *seam.Node) *seam.Node {
	rows := x.Shape().Dimensions[0]
	tasks := at.Argument(taskIDs)
	if tasks == nil || m.c.Tasks == 1 {
		tasks = graph.Zeros(at.Graph(), shapes.Make(dtypes.Int32, rows))
	}
	if n := tasks.Shape().Dimensions[0]; n != rows {
		panic(seam.Inputf(taskIDs, "holds %d numbers, but %s computes %d rows", n, at.Site.Path, rows))
	}
	logits := graph.Gather(at.Param(nameLogits), graph.InsertAxes(graph.ConvertDType(tasks, dtypes.Int32), -1))
	logits = graph.Reshape(logits, rows, m.c.Splits, m.c.Skills)
	if at.Training() {
		logits = relaxed(logits, at.Uniform(logits.Shape().Dimensions...))
	}
	a, b := mix(at, logits)
	last := x.Rank() - 1
	down := graph.Dot(x, a).General([]int{last}, []int{0}, []int{1}, []int{0})
	up := graph.Dot(down, b).General([]int{last}, []int{0}, []int{1}, []int{0})
	return graph.Add(next(x), graph.DivScalar(up, float64(m.c.R)))
}

// relaxed gives the logits of a relaxed Bernoulli variable at temperature 1 (Maddison et al. 2017, arXiv:1611.00712), for u that
// is uniform in (0, 1).
func relaxed(logits, u *seam.Node) *seam.Node {
	return graph.Add(logits, graph.Sub(graph.Log(u), graph.Log1P(graph.Neg(u))))
}

// mix gives the factors A [rows, in, r] and B [rows, r, out] of rows with these logits [rows, splits, skills].
func mix(at *seam.At, logits *seam.Node) (a, b *seam.Node) {
	share := graph.Sigmoid(logits)
	share = graph.Div(share, graph.AddScalar(graph.ReduceAndKeep(share, graph.ReduceSum, -1), 1e-12))
	mixed := func(name string) *seam.Node { // [splits, rows, …]
		return graph.Dot(share, at.Param(name)).General([]int{2}, []int{1}, []int{1}, []int{0})
	}
	a = graph.Transpose(mixed(nameA), 0, 1)              // [rows, splits, in/splits, r]
	b = graph.TransposeAllAxes(mixed(nameB), 1, 2, 0, 3) // [rows, r, splits, out/splits]
	rows, r := share.Shape().Dimensions[0], b.Shape().Dimensions[1]
	return graph.Reshape(a, rows, -1, r), graph.Reshape(b, rows, r, -1)
}

// StartError implements seam.Starter.
func (m *method) StartError() (bound float64, why string) {
	if !*m.c.InitWeights {
		return math.Inf(1), "every factor is random"
	}
	return 0, ""
}
