package optim

import "math"

// WarmRestarts lowers the factor of the learning rate from 1 to Floor in First steps along half a cosine wave and starts
// again, each wave Grow times as long as the one before, as PyTorch's CosineAnnealingWarmRestarts. From Loshchilov and Hutter
// 2017, "SGDR: Stochastic Gradient Descent with Warm Restarts". The zero value is one wave over the whole run.
type WarmRestarts struct {
	First int     // steps of the first wave; 0 means the whole run
	Grow  int     // length of a wave divided by that of the one before; 0 means 1
	Floor float64 // factor at the end of a wave, in [0, 1); eta_min in PyTorch is a rate, not a factor
}

var _ Schedule = WarmRestarts{}

// Validate implements [Schedule].
func (s WarmRestarts) Validate(total int) error {
	return first(
		checkTotal("WarmRestarts", total),
		checkCount("WarmRestarts", "First", s.First),
		checkCount("WarmRestarts", "Grow", s.Grow),
		checkUnit("WarmRestarts", "Floor", s.Floor))
}

// Factor implements [Schedule].
func (s WarmRestarts) Factor(index, total int) float64 {
	wave := s.First
	if wave == 0 {
		wave = total
	}
	wave = max(1, wave)
	if s.Grow <= 1 {
		index %= wave
	}
	for s.Grow > 1 && index >= wave {
		index -= wave
		wave *= s.Grow
	}
	return cosineTo(s.Floor, float64(index)/float64(wave))
}

// cosineTo falls along half a wave of the cosine from 1 to floor as x goes from 0 to 1.
func cosineTo(floor, x float64) float64 { return floor + (1-floor)*0.5*(1+math.Cos(math.Pi*x)) }
