package optim

// CosineAnnealing swings along a cosine between the full rate and Floor, half a wave in Period updates, as torch's
// CosineAnnealingLR: after Period it rises again.
type CosineAnnealing struct {
	Period int     // updates from the full rate to Floor, torch's T_max; 0 means the whole run
	Floor  float64 // share of the rate at the lowest, in [0, 1); torch's eta_min is not a share
}

var _ Schedule = CosineAnnealing{}

// Validate implements [Schedule].
func (s CosineAnnealing) Validate(total int) error {
	return first(
		checkTotal("CosineAnnealing", total),
		checkCount("CosineAnnealing", "Period", s.Period),
		checkUnit("CosineAnnealing", "Floor", s.Floor))
}

// Factor implements [Schedule].
func (s CosineAnnealing) Factor(index, total int) float64 {
	period := s.Period
	if period == 0 {
		period = total
	}
	return cosineTo(s.Floor, float64(index)/float64(max(1, period)))
}
