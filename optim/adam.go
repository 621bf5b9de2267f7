package optim

// Adam is torch.optim.Adam, with weight decay as an L2 penalty on the gradient. The zero value is torch's
// default, without decay. [AdamW] is usually the better choice where there is decay.
type Adam struct {
	LR          float64    // learning rate; 0 means 1e-3
	Betas       [2]float64 // decay of the moments, each in [0, 1); 0 means 0.9 and 0.999, Zero means 0
	Eps         float64    // added to the denominator; 0 means 1e-8, Zero means 0
	WeightDecay float64    // coupled; 0 means none
	AMSGrad     bool       // divide by the largest second moment so far
	NoDecay     []string   // parts of the paths that decay spares, as "bias"; empty spares none
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
