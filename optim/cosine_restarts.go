package optim

import "math"

// CosineRestarts falls along Cycles half waves of the cosine, each from the full rate to 0, after the warmup, as
// transformers' cosine schedule with hard restarts. The zero value is one half wave: [Cosine].
type CosineRestarts struct {
	Warmup Warmup
	Cycles int // half waves in a run; 0 means 1
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
