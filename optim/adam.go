package optim

// Adam is the Adam optimiser (Kingma and Ba 2015), as torch.optim.Adam, with weight decay as an L2 penalty on the gradient.
// For training with weight decay, [AdamW] is usually the better choice. [ScaleByAdam] has the formula. The zero value has
// PyTorch's defaults, without decay.
type Adam struct {
	LR          float64    // learning rate; 0 means 1e-3
	Betas       [2]float64 // decay rates of the two moments, in [0, 1); 0 means 0.9 and 0.999, Zero means 0
	Eps         float64    // added to the denominator, against division by 0; 0 means 1e-8, Zero means 0
	WeightDecay float64    // L2 penalty: this times the parameter is added to its gradient; 0 means none
	AMSGrad     bool       // use the largest second moment so far (Reddi et al. 2018)
	NoDecay     []string   // no decay for parameters whose path contains one of these, such as "bias"
}

var _ Optimizer = Adam{}

// Validate implements [Optimizer].
func (o Adam) Validate() error { return check("Adam", o) }

// Rate implements [Optimizer].
func (o Adam) Rate() float64 { return or(o.LR, 1e-3) }

// Transform implements [Optimizer].
func (o Adam) Transform() Transform {
	return Chain{
		decay(or(o.WeightDecay, 0), o.NoDecay),
		ScaleByAdam{Betas: betas(o.Betas), Eps: or(o.Eps, 1e-8), AMSGrad: o.AMSGrad},
		ScaleByRate{},
	}
}
