package optim

// RMSprop is torch.optim.RMSprop; see [ScaleByRMS]. The zero value is torch's default.
type RMSprop struct {
	LR          float64  // learning rate; 0 means 1e-2
	Alpha       float64  // decay of the averages, in [0, 1); 0 means 0.99, Zero means 0
	Eps         float64  // added to the denominator; 0 means 1e-8, Zero means 0
	Momentum    float64  // of the scaled gradients, in [0, 1); 0 means none
	Centered    bool     // divide by the standard deviation
	WeightDecay float64  // coupled; 0 means none
	NoDecay     []string // parts of the paths that decay spares, as "bias"; empty spares none
}

var _ Optimizer = RMSprop{}

// Validate implements [Optimizer].
func (o RMSprop) Validate() error { return check("RMSprop", o) }

// Rate implements [Optimizer].
func (o RMSprop) Rate() float64 { return or(o.LR, 1e-2) }

// Transform implements [Optimizer].
func (o RMSprop) Transform() Transform {
	return Chain{
		decay(or(o.WeightDecay, 0), o.NoDecay),
		ScaleByRMS{Alpha: or(o.Alpha, 0.99), Eps: or(o.Eps, 1e-8), Centered: o.Centered},
		momentum(Momentum{Momentum: or(o.Momentum, 0)}),
		ScaleByRate{},
	}
}
