package optim

// AdamW is Adam with decoupled weight decay, as torch.optim.AdamW. The zero value is torch's default.
//
// From Loshchilov and Hutter 2019, "Decoupled Weight Decay Regularization". Like torch, and unlike the paper, it
// multiplies the decay by the learning rate.
type AdamW struct {
	LR          float64    // learning rate; 0 means 1e-3
	Betas       [2]float64 // decay of the moments, each in [0, 1); 0 means 0.9 and 0.999, Zero means 0
	Eps         float64    // added to the denominator; 0 means 1e-8, Zero means 0
	WeightDecay float64    // 0 means 0.01, Zero means no decay
	AMSGrad     bool       // divide by the largest second moment so far
	NoDecay     []string   // parts of the paths that decay spares, as "bias"; empty spares none
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
