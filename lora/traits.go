package lora

import "math"

// StartError implements seam.Starter.
func (m *method) StartError() (bound float64, why string) {
	const rounding = 1e-5
	switch {
	case m.c.Init == Random:
		return math.Inf(1), "A and B are both random"
	case m.c.Arrow != nil:
		return math.Inf(1), "it routes among adapters that are trained"
	case m.c.KaSA != nil:
		return math.Inf(1), "the frozen weight loses its smallest singular values"
	case m.c.Init == LoftQStart:
		return math.Inf(1), "the frozen weight is quantised"
	case m.c.DoRA:
		return rounding, "the magnitude is divided by a norm that is rounded otherwise"
	case m.c.Init.changesBase():
		return rounding, "the start is added and taken away again"
	case m.c.Init == Orthogonal:
		return rounding, "BA is zero up to rounding"
	}
	return 0, ""
}

// ApproximateGradient implements seam.Approximator.
func (m *method) ApproximateGradient(param string) (why string) {
	switch param {
	case nameA, nameB, embedA, embedB:
		if m.c.DoRA {
			return "the weight's norm counts as constant (section 4.3 of the paper)"
		}
	}
	return ""
}
