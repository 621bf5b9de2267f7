package optim

// AdamW is Adam with decoupled weight decay (Loshchilov and Hutter 2019), as torch.optim.AdamW: at each step a parameter
// shrinks by the factor 1 - lr*WeightDecay, whatever its gradient. It is the usual optimiser for fine-tuning. [ScaleByAdam]
// has the formula. The zero value has PyTorch's defaults; among them is a decay of 0.01.
type AdamW struct {
	LR          float64    // learning rate; 0 means 1e-3
	Betas       [2]float64 // decay rates of the two moments, in [0, 1); 0 means 0.9 and 0.999, Zero means 0
	Eps         float64    // added to the denominator, against division by 0; 0 means 1e-8, Zero means 0
	WeightDecay float64    // decay per step, times the learning rate; 0 means 0.01, Zero means none
	AMSGrad     bool       // use the largest second moment so far (Reddi et al. 2018)
	NoDecay     []string   // no decay for parameters whose path contains one of these, such as "bias"
}

var _ Optimizer = AdamW{}

// Validate implements [Optimizer].
func (o AdamW) Validate() error { return check("AdamW", o) }

// Rate implements [Optimizer].
func (o AdamW) Rate() float64 { return or(o.LR, 1e-3) }

// Transform implements [Optimizer].
func (o AdamW) Transform() Transform {
	return Chain{
		ScaleByAdam{Betas: betas(o.Betas), Eps: or(o.Eps, 1e-8), AMSGrad: o.AMSGrad},
		decay(or(o.WeightDecay, 0.01), o.NoDecay),
		ScaleByRate{},
	}
}

// betas fills in the defaults of Adam's family.
func betas(b [2]float64) [2]float64 { return [2]float64{or(b[0], 0.9), or(b[1], 0.999)} }
