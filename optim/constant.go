package optim

// Constant keeps the full rate after the warmup. The zero value is 1 throughout.
type Constant struct {
	Warmup Warmup
}

var _ Schedule = Constant{}

// Validate implements [Schedule]. A warmup given in updates may outlast the run.
func (s Constant) Validate(total int) error { return s.Warmup.validateOpen("Constant", total) }

// Factor implements [Schedule].
func (s Constant) Factor(index, total int) float64 {
	factor, _ := s.Warmup.rise(index, total)
	return factor
}
