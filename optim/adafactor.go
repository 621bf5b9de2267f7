package optim

// Adafactor is torch.optim.Adafactor, whose state for a matrix is a row and a column; see [ScaleByFactored]. Its
// learning rate is relative to the size of each parameter and bounded by [CapRate]. The zero value is torch's
// default.
type Adafactor struct {
	LR          float64    // relative learning rate; 0 means 1e-2
	Beta2Decay  float64    // exponent of the weight of the new in the moments, below 0; 0 means -0.8
	Eps         [2]float64 // bounds below the moment's root and a parameter's size; 0 means 2^-23 and 1e-3
	D           float64    // limit of the root mean square of an update; 0 means 1
	WeightDecay float64    // decoupled; 0 means none
	NoDecay     []string   // parts of the paths that decay spares, as "bias"; empty spares none
}

var _ Optimizer = Adafactor{}

// Validate implements [Optimizer].
func (o Adafactor) Validate() error { return check("Adafactor", o) }

// Rate implements [Optimizer].
func (o Adafactor) Rate() float64 { return or(o.LR, 1e-2) }

// Transform implements [Optimizer].
func (o Adafactor) Transform() Transform {
	return Chain{
		ScaleByFactored{Beta2Decay: or(o.Beta2Decay, -0.8), Eps: or(o.Eps[0], 0x1p-23)},
		ClipRMS{Max: or(o.D, 1)},
		ScaleByParamRMS{Min: or(o.Eps[1], 1e-3)},
		CapRate{},
		decay(or(o.WeightDecay, 0), o.NoDecay),
		ScaleByRate{},
	}
}
