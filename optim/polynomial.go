package optim

import "math"

// Polynomial falls from the full rate, after the warmup, to End at the end of the run, as a power of what is left,
// as transformers' polynomial schedule. The zero value is [Linear].
type Polynomial struct {
	Warmup Warmup
	Power  float64 // of the share of the run that is left, above zero; 0 means 1
	End    float64 // share of the rate at the end, in [0, 1); transformers' is 1e-7, and not a share
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
