// Package softmax turns logits into probabilities on the host, as models/predict and models/generate need them.
package softmax

import "math"

// Of gives the probabilities of logits: exp(x) over the sum of all, kept from overflowing by the largest.
func Of(logits []float32) []float64 {
	top := math.Inf(-1)
	for _, x := range logits {
		top = max(top, float64(x))
	}
	out, sum := make([]float64, len(logits)), 0.0
	for i, x := range logits {
		out[i] = math.Exp(float64(x) - top)
		sum += out[i]
	}
	for i := range out {
		out[i] /= sum
	}
	return out
}
