package optim

// OneCycle raises the learning rate along half a cosine wave from 1/Div of its full value to the full value, and then lowers
// it to 1/FinalDiv of where it began, as PyTorch's OneCycleLR. From Smith and Topin 2018, "Super-Convergence: Very Fast
// Training of Neural Networks Using Large Learning Rates". The zero value has PyTorch's defaults.
type OneCycle struct {
	Rise     float64 // share of the run in which it rises, in [0, 1); 0 means 0.3
	Div      float64 // full value divided by the first, at least 1; 0 means 25
	FinalDiv float64 // first value divided by the last, at least 1; 0 means 1e4
}

var _ Schedule = OneCycle{}

// Validate implements [Schedule].
func (s OneCycle) Validate(total int) error {
	return first(
		checkTotal("OneCycle", total),
		checkUnit("OneCycle", "Rise", s.Rise),
		checkDivisor("OneCycle", "Div", s.Div),
		checkDivisor("OneCycle", "FinalDiv", s.FinalDiv))
}

// Factor implements [Schedule].
func (s OneCycle) Factor(index, total int) float64 {
	begin := 1 / or(s.Div, 25)
	// The peak is at the last update of the rise, and the end at the last of the run.
	peak, last, at := or(s.Rise, 0.3)*float64(total)-1, float64(total-1), float64(index)
	if at <= peak {
		if peak <= 0 {
			return 1
		}
		return cosineTo(begin, 1-at/peak)
	}
	return cosineTo(begin/or(s.FinalDiv, 1e4), min(1, (at-peak)/(last-peak)))
}

// checkDivisor wants 0, for the default, or a finite number of at least 1.
func checkDivisor(owner, field string, v float64) error {
	if v != 0 && !(v >= 1) {
		return &FieldError{owner, field, v, "a finite number, 1 or more"}
	}
	return checkNonNegative(owner, field, v)
}
