package predict

import "math"

// sigmoid gives the probability of one logit.
func sigmoid(x float64) float64 { return 1 / (1 + math.Exp(-x)) }
