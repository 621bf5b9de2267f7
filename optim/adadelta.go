package optim

// Adadelta is torch.optim.Adadelta; see [ScaleByAdadelta]. The zero value is torch's default.
type Adadelta struct {
	LR          float64  // factor of the whole update; 0 means 1
	Rho         float64  // decay of the averages, in [0, 1); 0 means 0.9, Zero means 0
	Eps         float64  // under both roots; 0 means 1e-6
	WeightDecay float64  // coupled; 0 means none
	NoDecay     []string // parts of the paths that decay spares, as "bias"; empty spares none
}

var _ Optimizer = Adadelta{}

// Validate implements [Optimizer].
func (o Adadelta) Validate() error { return check("Adadelta", o) }

// Rate implements [Optimizer].
func (o Adadelta) Rate() float64 { return or(o.LR, 1) }

// Transform implements [Optimizer].
func (o Adadelta) Transform() Transform {
	return Chain{
		decay(or(o.WeightDecay, 0), o.NoDecay),
		ScaleByAdadelta{Rho: or(o.Rho, 0.9), Eps: or(o.Eps, 1e-6)},
		ScaleByRate{},
	}
}
