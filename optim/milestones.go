package optim

import "math"

// Milestones multiplies the rate by Gamma at each of the updates in At, as torch's MultiStepLR.
type Milestones struct {
	At    []int   // indices of updates, in any order; one that is given twice counts twice
	Gamma float64 // zero or more; 0 means 0.1, Zero means 0
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
