package optim

// Linear lowers the learning rate from its full value, after the warmup, to 0 at the end of the run in a straight line, as
// transformers' linear schedule with warmup.
type Linear struct {
	Warmup Warmup // steps, or below 1 a share of the run; 0 means none
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
