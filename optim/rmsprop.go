package optim

// RMSprop is the RMSprop optimiser (Tieleman and Hinton 2012), as torch.optim.RMSprop: it divides each gradient by a moving
// root mean square. [ScaleByRMS] has the formula. The zero value has PyTorch's defaults.
type RMSprop struct {
	LR          float64  // learning rate; 0 means 1e-2
	Alpha       float64  // decay rate of the moving averages, in [0, 1); 0 means 0.99, Zero means 0
	Eps         float64  // added to the denominator, against division by 0; 0 means 1e-8, Zero means 0
	Momentum    float64  // momentum of the scaled gradients, in [0, 1); 0 means none
	Centered    bool     // divide by the standard deviation instead of the root mean square
	WeightDecay float64  // L2 penalty: this times the parameter is added to its gradient; 0 means none
	NoDecay     []string // no decay for parameters whose path contains one of these, such as "bias"
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
