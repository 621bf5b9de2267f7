package lily

import (
	"fmt"
	"math"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/graph"

	"github.com/gopeft/gopeft/peft/seam"
)

// method is Lily with resolved settings.
type method struct{ c Config }

var (
	_ seam.LinearHook = (*method)(nil)
	_ seam.Starter    = (*method)(nil)
)

// Names of the values.
const (
	nameA, nameB = "lily_A.weight", "lily_B.weight"
	nameRouter   = "lily_router.weight"
	nameScale    = "scale"
)

func (m *method) byRow() bool { return m.c.RouteByRow != nil && *m.c.RouteByRow }

// GraphKey implements seam.Method.
func (m *method) GraphKey() string { return fmt.Sprintf("num_B=%d,byRow=%t", m.c.NumB, m.byRow()) }

// Plan implements seam.Method.
func (m *method) Plan(b *seam.Blueprint) (*seam.Plan, error) {
	plan, err := b.PlanSites(seam.Selector{
		Targets: m.c.Targets, Exclude: m.c.Exclude, LayersToTransform: m.c.LayersToTransform, LayersPattern: m.c.LayersPattern,
	}, m.params)
	if err != nil {
		return nil, err
	}
	plan.Targets = condensed(b, plan)
	for _, group := range groups(b, plan) {
		first, _ := b.Site(group[0])
		for i := 0; i < len(group); i += m.c.StrideA {
			same := group[i:min(i+m.c.StrideA, len(group))]
			plan.Params = append(plan.Params, drawn(same, nameA, m.c.R, first.In))
		}
		shared := drawn(group, nameB, m.c.NumB*m.c.R, first.Out)
		if *m.c.InitWeights {
			shared.Init = nil
		}
		plan.Params = append(plan.Params, shared)
	}
	return plan, nil
}

// params are the values of one site alone.
func (m *method) params(s seam.Site) ([]seam.Param, error) {
	router := drawn([]string{s.Path}, nameRouter, m.c.NumB, m.c.R)
	return []seam.Param{router, {Name: nameScale, Const: []float32{float32(m.c.Scaling)}}}, nil
}

// drawn is a value of some sites, uniform in ±1/sqrt(columns), as torch draws a linear map's weight. Of the keys that HF PEFT has
// for it, the last is the one that its own tools name it by.
func drawn(sites []string, name string, rows, columns int) seam.Param {
	return seam.Param{
		Site: sites[0], AlsoAt: sites[1:], Name: name, Key: "base_model.model." + sites[len(sites)-1] + "." + name,
		Shape: []int{rows, columns}, Init: seam.Uniform(1 / math.Sqrt(float64(columns))),
	}
}

// Linear implements seam.LinearHook.
func (m *method) Linear(at *seam.At, x *seam.Node, next func(*seam.Node) *seam.Node) *seam.Node {
	y := next(x)
	h := at.Dense(x, at.Param(nameA))
	weights := graph.Softmax(at.Dense(h, at.Param(nameRouter)), -1)      // [batch, …, num_B]
	parts := graph.Reshape(at.Param(nameB), m.c.NumB, m.c.R*at.Site.Out) // of each B
	h = graph.Mul(h, at.Spread(at.Param(nameScale), h))
	if m.byRow() {
		weights = m.ofRows(at, weights) // [batch, num_B]
		mixed := graph.Reshape(graph.MatMul(weights, parts), -1, m.c.R, at.Site.Out)
		d := h.Shape().Dimensions
		flat := graph.Dot(graph.Reshape(h, d[0], -1, m.c.R), mixed).General([]int{2}, []int{0}, []int{1}, []int{0})
		return graph.Add(y, graph.Reshape(flat, y.Shape().Dimensions...))
	}
	weights = graph.ReduceMean(graph.Reshape(weights, -1, m.c.NumB), 0)
	mixed := graph.Reshape(graph.MatMul(graph.InsertAxes(weights, 0), parts), m.c.R, at.Site.Out)
	return graph.Add(y, at.Dense(h, at.Transpose(mixed)))
}

// ofRows averages [batch, …, num_B] over the tokens of each row: those of the text where x has one place for each column of the
// call's attention mask, and else all.
func (m *method) ofRows(at *seam.At, weights *seam.Node) *seam.Node {
	d := weights.Shape().Dimensions
	mask := at.Argument("attention_mask")
	if len(d) != 3 || mask == nil || mask.Rank() != 2 || mask.Shape().Dimensions[0] != d[0] || mask.Shape().Dimensions[1] != d[1] {
		return graph.ReduceMean(graph.Reshape(weights, d[0], -1, m.c.NumB), 1)
	}
	kept := graph.InsertAxes(graph.ConvertDType(mask, dtypes.Float32), -1)
	count := graph.MaxScalar(graph.ReduceSum(kept, 1), 1)
	return graph.Div(graph.ReduceSum(graph.Mul(weights, kept), 1), count)
}

// StartError implements seam.Starter.
func (m *method) StartError() (bound float64, why string) {
	if !*m.c.InitWeights {
		return math.Inf(1), "A, B and the routers are all random"
	}
	return 0, ""
}
