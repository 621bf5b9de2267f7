package optim

import "math"

// Polynomial lowers the factor of the learning rate from 1, after the warmup, to End at the end of the run: it is
// End + (1-End)*left^Power, where left is the share of the run that is left, as in transformers' polynomial schedule. The zero
// value is the same as [Linear].
type Polynomial struct {
	Warmup Warmup  // steps, or below 1 a share of the run; 0 means none
	Power  float64 // exponent, 0 or more; 0 means 1, Zero means 0
	End    float64 // factor at the end, in [0, 1); in transformers it is a learning rate, by default 1e-7
}

var _ Schedule = Polynomial{}

// Validate implements [Schedule].
func (s Polynomial) Validate(total int) error {
	return first(
		s.Warmup.validate("Polynomial", total),
		checkNonNegative("Polynomial", "Power", s.Power),
		checkUnit("Polynomial", "End", s.End))
}

// Factor implements [Schedule].
func (s Polynomial) Factor(index, total int) float64 {
	if factor, in := s.Warmup.rise(index, total); in {
		return factor
	}
	if index >= total {
		return s.End
	}
	return s.End + (1-s.End)*math.Pow(1-s.Warmup.progress(index, total), or(s.Power, 1))
}
