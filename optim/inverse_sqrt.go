package optim

import "math"

// InverseSqrt lowers the learning rate with the inverse square root of the step number after the warmup, as transformers'
// schedule of that name: the factor is sqrt(Timescale/(index - warmup + Timescale)). It does not depend on the length of the
// run, so it suits runs of unknown length. From Zhai et al. 2022, "Scaling Vision Transformers".
type InverseSqrt struct {
	Warmup    Warmup // steps, or below 1 a share of the run; 0 means none
	Timescale int    // in steps; 0 means the length of the warmup, or 10000 without one
}

var _ Schedule = InverseSqrt{}

// Validate implements [Schedule]. A warmup in steps may be longer than the run.
func (s InverseSqrt) Validate(total int) error {
	return first(s.Warmup.validateOpen("InverseSqrt", total), checkCount("InverseSqrt", "Timescale", s.Timescale))
}

// Factor implements [Schedule].
func (s InverseSqrt) Factor(index, total int) float64 {
	if factor, in := s.Warmup.rise(index, total); in {
		return factor
	}
	length := s.Warmup.updates(total)
	timescale := s.Timescale
	if timescale == 0 {
		timescale = length
	}
	if timescale == 0 {
		timescale = 10000
	}
	return math.Sqrt(float64(timescale) / float64(index-length+timescale))
}
