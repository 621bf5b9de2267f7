package optim

// Adamax is the Adamax optimiser (Kingma and Ba 2015, section 7), as torch.optim.Adamax. [ScaleByAdamax] has the formula. The
// zero value has PyTorch's defaults.
type Adamax struct {
	LR          float64    // learning rate; 0 means 2e-3
	Betas       [2]float64 // decay rates of the two moments, in [0, 1); 0 means 0.9 and 0.999, Zero means 0
	Eps         float64    // added to the denominator, against division by 0; 0 means 1e-8, Zero means 0
	WeightDecay float64    // L2 penalty: this times the parameter is added to its gradient; 0 means none
	NoDecay     []string   // no decay for parameters whose path contains one of these, such as "bias"
}

var _ Optimizer = Adamax{}

// Validate implements [Optimizer].
func (o Adamax) Validate() error { return check("Adamax", o) }

// Rate implements [Optimizer].
func (o Adamax) Rate() float64 { return or(o.LR, 2e-3) }

// Transform implements [Optimizer].
func (o Adamax) Transform() Transform {
	return Chain{
		decay(or(o.WeightDecay, 0), o.NoDecay),
		ScaleByAdamax{Betas: betas(o.Betas), Eps: or(o.Eps, 1e-8)},
		ScaleByRate{},
	}
}
