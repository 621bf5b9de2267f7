package optim

// Adadelta is the Adadelta optimiser (Zeiler 2012), as torch.optim.Adadelta: it needs no tuned learning rate.
// [ScaleByAdadelta] has the formula. The zero value has PyTorch's defaults.
type Adadelta struct {
	LR          float64  // factor of every update; 0 means 1
	Rho         float64  // decay rate of the moving averages, in [0, 1); 0 means 0.9, Zero means 0
	Eps         float64  // added under both square roots; 0 means 1e-6
	WeightDecay float64  // L2 penalty: this times the parameter is added to its gradient; 0 means none
	NoDecay     []string // no decay for parameters whose path contains one of these, such as "bias"
}

var _ Optimizer = Adadelta{}

// Validate implements [Optimizer].
func (o Adadelta) Validate() error { return check("Adadelta", o) }

// Rate implements [Optimizer].
func (o Adadelta) Rate() float64 { return or(o.LR, 1) }

// Transform implements [Optimizer].
func (o Adadelta) Transform() Transform {
	return Chain{
		decay(or(o.WeightDecay, 0), o.NoDecay),
		ScaleByAdadelta{Rho: or(o.Rho, 0.9), Eps: or(o.Eps, 1e-6)},
		ScaleByRate{},
	}
}
