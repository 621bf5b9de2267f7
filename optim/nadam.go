package optim

// NAdam is torch.optim.NAdam; see [ScaleByNAdam]. The zero value is torch's default.
type NAdam struct {
	LR            float64    // learning rate; 0 means 2e-3
	Betas         [2]float64 // decay of the moments, each in [0, 1); 0 means 0.9 and 0.999, Zero means 0
	Eps           float64    // added to the denominator; 0 means 1e-8, Zero means 0
	MomentumDecay float64    // of the rise of the momentum; 0 means 4e-3, Zero means that it stays at half
	WeightDecay   float64    // coupled; 0 means none
	NoDecay       []string   // parts of the paths that decay spares, as "bias"; empty spares none
}

var _ Optimizer = NAdam{}

// Validate implements [Optimizer].
func (o NAdam) Validate() error { return check("NAdam", o) }

// Rate implements [Optimizer].
func (o NAdam) Rate() float64 { return or(o.LR, 2e-3) }

// Transform implements [Optimizer].
func (o NAdam) Transform() Transform {
	return Chain{
		decay(or(o.WeightDecay, 0), o.NoDecay),
		ScaleByNAdam{Betas: betas(o.Betas), Eps: or(o.Eps, 1e-8), MomentumDecay: or(o.MomentumDecay, 4e-3)},
		ScaleByRate{},
	}
}
