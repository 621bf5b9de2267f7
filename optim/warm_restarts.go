package optim

import "math"

// WarmRestarts falls along half a wave of the cosine from the full rate to Floor in First updates and begins anew,
// each wave Grow times as long as the one before, as torch's CosineAnnealingWarmRestarts. From Loshchilov and Hutter
// 2017, "SGDR: Stochastic Gradient Descent with Warm Restarts".
type WarmRestarts struct {
	First int     // updates in the first wave; 0 means the whole run
	Grow  int     // factor of the length from wave to wave; 0 means 1
	Floor float64 // share of the rate at the end of a wave, in [0, 1); torch's eta_min is not a share
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
