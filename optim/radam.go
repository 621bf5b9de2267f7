package optim

// RAdam is torch.optim.RAdam; see [ScaleByRAdam]. The zero value is torch's default.
type RAdam struct {
	LR          float64    // learning rate; 0 means 1e-3
	Betas       [2]float64 // decay of the moments, each in [0, 1); 0 means 0.9 and 0.999, Zero means 0
	Eps         float64    // added to the denominator; 0 means 1e-8, Zero means 0
	WeightDecay float64    // coupled; 0 means none
	NoDecay     []string   // parts of the paths that decay spares, as "bias"; empty spares none
}

var _ Optimizer = RAdam{}

// Validate implements [Optimizer].
func (o RAdam) Validate() error { return check("RAdam", o) }

// Rate implements [Optimizer].
func (o RAdam) Rate() float64 { return or(o.LR, 1e-3) }

// Transform implements [Optimizer].
func (o RAdam) Transform() Transform {
	return Chain{
		decay(or(o.WeightDecay, 0), o.NoDecay),
		ScaleByRAdam{Betas: betas(o.Betas), Eps: or(o.Eps, 1e-8)},
		ScaleByRate{},
	}
}
