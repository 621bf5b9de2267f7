package optim

import "math"

// Steps multiplies the learning rate by Gamma after every Size steps, as PyTorch's StepLR.
type Steps struct {
	Size  int     // number of steps between changes, at least 1
	Gamma float64 // 0 or more; 0 means 0.1, Zero means 0
}

var _ Schedule = Steps{}

// Validate implements [Schedule].
func (s Steps) Validate(total int) error {
	if s.Size < 1 {
		return &FieldError{"Steps", "Size", s.Size, "at least 1 step"}
	}
	return first(checkTotal("Steps", total), checkNonNegative("Steps", "Gamma", s.Gamma))
}

// Factor implements [Schedule].
func (s Steps) Factor(index, _ int) float64 {
	return math.Pow(or(s.Gamma, 0.1), float64(index/max(1, s.Size)))
}
