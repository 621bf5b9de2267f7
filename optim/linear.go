package optim

// Linear falls in a straight line from the full rate, after the warmup, to 0 at the end of the run, as
// transformers' linear schedule with warmup.
type Linear struct {
	Warmup Warmup
}

var _ Schedule = Linear{}

// Validate implements [Schedule].
func (s Linear) Validate(total int) error { return s.Warmup.validate("Linear", total) }

// Factor implements [Schedule].
func (s Linear) Factor(index, total int) float64 {
	if factor, in := s.Warmup.rise(index, total); in {
		return factor
	}
	left := float64(total-index) / float64(max(1, total-s.Warmup.updates(total)))
	return max(0, left)
}
