package optim

// Adagrad is torch.optim.Adagrad; see [ScaleBySum]. The zero value is torch's default.
type Adagrad struct {
	LR          float64  // learning rate; 0 means 1e-2
	RateDecay   float64  // divides the rate by 1 + (step-1)*RateDecay, torch's lr_decay; 0 means none
	Initial     float64  // where the sums of squares begin
	Eps         float64  // added to the denominator; 0 means 1e-10, Zero means 0
	WeightDecay float64  // coupled; 0 means none
	NoDecay     []string // parts of the paths that decay spares, as "bias"; empty spares none
}

var _ Optimizer = Adagrad{}

// Validate implements [Optimizer].
func (o Adagrad) Validate() error { return check("Adagrad", o) }

// Rate implements [Optimizer].
func (o Adagrad) Rate() float64 { return or(o.LR, 1e-2) }

// Transform implements [Optimizer].
func (o Adagrad) Transform() Transform {
	return Chain{
		decay(or(o.WeightDecay, 0), o.NoDecay),
		ScaleBySum{Initial: or(o.Initial, 0), Eps: or(o.Eps, 1e-10), RateDecay: or(o.RateDecay, 0)},
		ScaleByRate{},
	}
}
