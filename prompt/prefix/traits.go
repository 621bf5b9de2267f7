package prefix

import "math"

// StartError implements seam.Starter.
func (m *method) StartError() (bound float64, why string) {
	return math.Inf(1), "a fresh prefix takes its share of every attention"
}
