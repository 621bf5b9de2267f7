package optim

// RAdam is the RAdam optimiser (Liu et al. 2020), Adam with smaller first steps, as torch.optim.RAdam. [ScaleByRAdam] has the
// formula. The zero value has PyTorch's defaults.
type RAdam struct {
	LR          float64    // learning rate; 0 means 1e-3
	Betas       [2]float64 // decay rates of the two moments, in [0, 1); 0 means 0.9 and 0.999, Zero means 0
	Eps         float64    // added to the denominator, against division by 0; 0 means 1e-8, Zero means 0
	WeightDecay float64    // L2 penalty: this times the parameter is added to its gradient; 0 means none
	NoDecay     []string   // no decay for parameters whose path contains one of these, such as "bias"
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
