package optim

import "github.com/gomlx/gomlx/core/graph"

// ClipRMS limits the size of the update of each parameter: its root mean square is at most Max. From section 6 of Shazeer and
// Stern 2018, "Adafactor: Adaptive Learning Rates with Sublinear Memory Cost".
type ClipRMS struct {
	Max float64 // above zero
}

var _ Transform = ClipRMS{}

// Validate implements [Transform].
func (t ClipRMS) Validate() error {
	if t.Max == 0 {
		return &FieldError{"ClipRMS", "Max", t.Max, "a finite number above zero"}
	}
	return checkNonNegative("ClipRMS", "Max", t.Max)
}

// Key implements [Transform].
func (t ClipRMS) Key([]Variable) string { return "clip-rms" }

// Slots implements [Transform]: none.
func (t ClipRMS) Slots([]Variable) []Slot { return nil }

// Scalars implements [Transform].
func (t ClipRMS) Scalars(int, float64) []float64 { return []float64{t.Max} }

// Update implements [Transform].
func (t ClipRMS) Update(c Inputs) (updates, state []*graph.Node) {
	return each(c.Updates, func(_ int, u *graph.Node) *graph.Node {
		return graph.Div(u, graph.MaxScalar(graph.Div(rms(u), c.Scalars[0]), 1.0))
	}), nil
}

// ScaleByParamRMS multiplies each update by the root mean square of its parameter, so that the learning rate is relative to
// the size of the parameter. From section 8 of Shazeer and Stern 2018.
type ScaleByParamRMS struct {
	Min float64 // smallest value of the root mean square, so that a parameter of zeros can move
}

var _ Transform = ScaleByParamRMS{}

// Validate implements [Transform].
func (t ScaleByParamRMS) Validate() error { return checkNonNegative("ScaleByParamRMS", "Min", t.Min) }

// Key implements [Transform].
func (t ScaleByParamRMS) Key([]Variable) string { return "param-rms" }

// Slots implements [Transform]: none.
func (t ScaleByParamRMS) Slots([]Variable) []Slot { return nil }

// Scalars implements [Transform].
func (t ScaleByParamRMS) Scalars(int, float64) []float64 { return []float64{t.Min} }

// Update implements [Transform].
func (t ScaleByParamRMS) Update(c Inputs) (updates, state []*graph.Node) {
	return each(c.Updates, func(i int, u *graph.Node) *graph.Node {
		return graph.Mul(u, graph.Max(rms(c.Values[i]), c.Scalars[0]))
	}), nil
}

// rms is the root of the mean square of x, a scalar.
func rms(x *graph.Node) *graph.Node { return graph.Sqrt(graph.ReduceAllMean(graph.Square(x))) }
