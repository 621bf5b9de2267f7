package optim

import "math"

// InverseSqrt falls with the inverse root of the update's number after the warmup, as transformers' schedule of that
// name: sqrt(Timescale/(index - warmup + Timescale)). It needs no end, and suits runs of unknown length. From
// Zhai et al. 2022, "Scaling Vision Transformers".
type InverseSqrt struct {
	Warmup    Warmup
	Timescale int // updates that the fall is measured in; 0 means the warmup's length, or 10000 without one
}

var _ Schedule = InverseSqrt{}

// Validate implements [Schedule]. A warmup given in updates may outlast the run.
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
