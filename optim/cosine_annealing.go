package optim

// CosineAnnealing moves the factor of the learning rate along a cosine from 1 down to Floor in Period steps and up to 1 again
// in the next Period, and so on, as PyTorch's CosineAnnealingLR. The zero value goes from 1 to 0 once.
type CosineAnnealing struct {
	Period int     // steps from 1 to Floor, T_max in PyTorch; 0 means the whole run
	Floor  float64 // lowest factor, in [0, 1); PyTorch's eta_min is a rate, not a factor
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
