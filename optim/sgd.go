package optim

// SGD is stochastic gradient descent, with or without momentum, as torch.optim.SGD. [Momentum] has the formula. The zero value
// has PyTorch's defaults: no momentum, no weight decay.
type SGD struct {
	LR          float64  // learning rate; 0 means 1e-3
	Momentum    float64  // in [0, 1); 0 means none, which needs no memory for state
	Dampening   float64  // reduces what a gradient adds to the momentum, in [0, 1]
	Nesterov    bool     // Nesterov momentum; needs Momentum above 0 and no Dampening
	WeightDecay float64  // L2 penalty: this times the parameter is added to its gradient; 0 means none
	NoDecay     []string // no decay for parameters whose path contains one of these, such as "bias"
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
