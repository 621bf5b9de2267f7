package optim

// Cosine lowers the learning rate from its full value, after the warmup, to 0 at the end of the run along half a cosine wave,
// as transformers' cosine schedule with warmup. From Loshchilov and Hutter 2017, "SGDR: Stochastic Gradient Descent with Warm
// Restarts", without the restarts.
type Cosine struct {
	Warmup Warmup // steps, or below 1 a share of the run; 0 means none
}

var _ Schedule = Cosine{}

// Validate implements [Schedule].
func (s Cosine) Validate(total int) error { return s.Warmup.validate("Cosine", total) }

// Factor implements [Schedule].
func (s Cosine) Factor(index, total int) float64 {
	if factor, in := s.Warmup.rise(index, total); in {
		return factor
	}
	return cosineTo(0, min(1, s.Warmup.progress(index, total)))
}
