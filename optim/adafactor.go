package optim

// Adafactor is the Adafactor optimiser (Shazeer and Stern 2018), as torch.optim.Adafactor. It needs little memory: for a
// matrix it keeps one row and one column instead of two matrices. The learning rate is relative to the size of each
// parameter, and at most 1 over the square root of the step number. [ScaleByFactored] has the formula. The zero value has
// PyTorch's defaults.
type Adafactor struct {
	LR          float64    // learning rate, relative to a parameter's size; 0 means 1e-2
	Beta2Decay  float64    // step^Beta2Decay is the weight of a new square; negative; 0 means -0.8
	Eps         [2]float64 // smallest root of the moment and smallest size of a parameter; 0 means 2^-23 and 1e-3
	D           float64    // largest root mean square of an update; 0 means 1
	WeightDecay float64    // decoupled, as in AdamW; 0 means none
	NoDecay     []string   // no decay for parameters whose path contains one of these, such as "bias"
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
