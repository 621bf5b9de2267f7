package optim

// Constant keeps the learning rate constant, after a warmup if there is one. The zero value has none.
type Constant struct {
	Warmup Warmup // steps, or below 1 a share of the run; 0 means none
}

var _ Schedule = Constant{}

// Validate implements [Schedule]. A warmup in steps may be longer than the run.
func (s Constant) Validate(total int) error { return s.Warmup.validateOpen("Constant", total) }

// Factor implements [Schedule].
func (s Constant) Factor(index, total int) float64 {
	factor, _ := s.Warmup.rise(index, total)
	return factor
}
