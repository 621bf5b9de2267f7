package optim

import "math"

// Exponential multiplies the learning rate by Gamma after every step, as PyTorch's ExponentialLR.
type Exponential struct {
	Gamma float64 // above 0; required
}

var _ Schedule = Exponential{}

// Validate implements [Schedule].
func (s Exponential) Validate(total int) error {
	if s.Gamma == 0 {
		return &FieldError{"Exponential", "Gamma", s.Gamma, "a finite number above zero"}
	}
	return first(checkTotal("Exponential", total), checkNonNegative("Exponential", "Gamma", s.Gamma))
}

// Factor implements [Schedule].
func (s Exponential) Factor(index, _ int) float64 { return math.Pow(s.Gamma, float64(index)) }
