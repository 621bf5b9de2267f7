package optim

import "math"

// Optimizer is an optimiser with its settings, such as [AdamW] or [SGD]; other packages may implement it. train.Options takes
// one.
type Optimizer interface {
	// Validate reports the first setting that can't be used, as a [*FieldError].
	Validate() error

	// Rate gives the learning rate, before a [Schedule] changes it.
	Rate() float64

	// Transform gives the transform that turns gradients into updates, to be passed to [Build]. The learning rate is part of
	// it; clipping is not. Settings that can't be used are reported by Build.
	Transform() Transform
}

// Zero is an explicit 0 for the fields of optimisers and schedules where 0 means a default:
//
//	optim.AdamW{WeightDecay: optim.Zero} // no decay, where 0 would mean 0.01
//
// It is the smallest positive float64, and is taken as 0.
const Zero = math.SmallestNonzeroFloat64

// Exactly gives [Zero] for 0, and any other x unchanged. Use it for a number that was read from somewhere, so that a 0 there
// does not become the field's default.
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
