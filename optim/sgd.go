package optim

// SGD is stochastic gradient descent, as torch.optim.SGD. The zero value is torch's default: no momentum, no
// decay.
type SGD struct {
	LR          float64  // learning rate; 0 means 1e-3
	Momentum    float64  // in [0, 1); 0 means none, and then no state is kept
	Dampening   float64  // of the gradient that enters the momentum, in [0, 1]
	Nesterov    bool     // look one step ahead; needs a momentum, and no dampening
	WeightDecay float64  // coupled; 0 means none
	NoDecay     []string // parts of the paths that decay spares, as "bias"; empty spares none
}

var _ Optimizer = SGD{}

// Validate implements [Optimizer].
func (o SGD) Validate() error { return check("SGD", o) }

// Rate implements [Optimizer].
func (o SGD) Rate() float64 { return or(o.LR, 1e-3) }

// Transform implements [Optimizer].
func (o SGD) Transform() Transform {
	return Chain{
		decay(or(o.WeightDecay, 0), o.NoDecay),
		momentum(Momentum{Momentum: or(o.Momentum, 0), Dampening: or(o.Dampening, 0), Nesterov: o.Nesterov}),
		ScaleByRate{},
	}
}
