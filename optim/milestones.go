package optim

import "math"

// Milestones multiplies the learning rate by Gamma at each of the steps in At, as PyTorch's MultiStepLR.
type Milestones struct {
	At    []int   // indices of steps, counted from 0, in any order; one that occurs twice counts twice
	Gamma float64 // 0 or more; 0 means 0.1, Zero means 0
}

var _ Schedule = Milestones{}

// Validate implements [Schedule].
func (s Milestones) Validate(total int) error {
	for _, at := range s.At {
		if err := checkCount("Milestones", "At", at); err != nil {
			return err
		}
	}
	return first(checkTotal("Milestones", total), checkNonNegative("Milestones", "Gamma", s.Gamma))
}

// Factor implements [Schedule].
func (s Milestones) Factor(index, _ int) float64 {
	passed := 0
	for _, at := range s.At {
		if at <= index {
			passed++
		}
	}
	return math.Pow(or(s.Gamma, 0.1), float64(passed))
}
