package optim

import "math"

// CosineRestarts lowers the learning rate from its full value to 0 several times, each time along half a cosine wave, after a
// warmup, as transformers' cosine schedule with hard restarts. The zero value does it once, as [Cosine].
type CosineRestarts struct {
	Warmup Warmup // steps, or below 1 a share of the run; 0 means none
	Cycles int    // how many times; 0 means 1
}

var _ Schedule = CosineRestarts{}

// Validate implements [Schedule].
func (s CosineRestarts) Validate(total int) error {
	return first(s.Warmup.validate("CosineRestarts", total), checkCount("CosineRestarts", "Cycles", s.Cycles))
}

// Factor implements [Schedule].
func (s CosineRestarts) Factor(index, total int) float64 {
	if factor, in := s.Warmup.rise(index, total); in {
		return factor
	}
	progress := s.Warmup.progress(index, total)
	if progress >= 1 {
		return 0
	}
	_, within := math.Modf(progress * float64(max(1, s.Cycles)))
	return 0.5 * (1 + math.Cos(math.Pi*within))
}
