package optim

// Adagrad is the Adagrad optimiser (Duchi et al. 2011), as torch.optim.Adagrad: it divides each gradient by the square root of
// the sum of its squares so far. [ScaleBySum] has the formula. The zero value has PyTorch's defaults.
type Adagrad struct {
	LR          float64  // learning rate; 0 means 1e-2
	RateDecay   float64  // divides the learning rate by 1 + (step-1)*RateDecay; lr_decay in PyTorch
	Initial     float64  // initial value of the sums of squares
	Eps         float64  // added to the denominator, against division by 0; 0 means 1e-10, Zero means 0
	WeightDecay float64  // L2 penalty: this times the parameter is added to its gradient; 0 means none
	NoDecay     []string // no decay for parameters whose path contains one of these, such as "bias"
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
