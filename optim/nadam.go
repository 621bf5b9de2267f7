package optim

// NAdam is the NAdam optimiser (Dozat 2016), Adam with Nesterov momentum, as torch.optim.NAdam. [ScaleByNAdam] has the
// formula. The zero value has PyTorch's defaults.
type NAdam struct {
	LR            float64    // learning rate; 0 means 2e-3
	Betas         [2]float64 // decay rates of the two moments, in [0, 1); 0 means 0.9 and 0.999, Zero means 0
	Eps           float64    // added to the denominator, against division by 0; 0 means 1e-8, Zero means 0
	MomentumDecay float64    // how fast momentum rises from half of Betas[0]; 0 means 4e-3, Zero means not at all
	WeightDecay   float64    // L2 penalty: this times the parameter is added to its gradient; 0 means none
	NoDecay       []string   // no decay for parameters whose path contains one of these, such as "bias"
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
