package optim

import "math"

// Optimizer is a complete optimiser as a user configures it: [AdamW], [SGD] and the others of this package, or
// one's own. Its zero value is usable.
type Optimizer interface {
	// Validate reports the first setting that cannot be used as a [*FieldError].
	Validate() error

	// Rate is the learning rate before any schedule.
	Rate() float64

	// Transform returns the chain that computes updates from gradients, the learning rate included and
	// clipping not. It is for a configuration that is valid; [Build] says where it is not.
	Transform() Transform
}

// Zero is an explicit zero for the fields of an [Optimizer], whose zero value stands for torch's default:
//
//	optim.AdamW{WeightDecay: optim.Zero}
//
// It is the smallest float64 above 0, and counts as 0.
const Zero = math.SmallestNonzeroFloat64

// Exactly returns x, and [Zero] for 0: with it a field keeps a number that was given, read from a recipe say,
// even where the number is 0.
func Exactly(x float64) float64 {
	if x == 0 {
		return Zero
	}
	return x
}

// or resolves a field: absent means the default, Zero means 0.
func or(x, absent float64) float64 {
	switch x {
	case 0:
		return absent
	case Zero:
		return 0
	default:
		return x
	}
}

// check validates an optimiser by its rate and its parts, under its own name.
func check(owner string, o Optimizer) error {
	return first(checkNonNegative(owner, "LR", o.Rate()), ownedBy(owner, o.Transform().Validate()))
}
