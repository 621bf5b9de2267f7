package shared

import (
	"math"

	"github.com/gopeft/gopeft/peft/seam"
)

// AtLeast refuses a whole number below the least that a setting may have.
func AtLeast(field string, v, least int) error {
	if v < least {
		return seam.Fieldf(field, "must be at least %d, is %d", least, v)
	}
	return nil
}

// Probability refuses what is not in [0, 1).
func Probability(field string, p float64) error {
	if !(p >= 0 && p < 1) {
		return seam.Fieldf(field, "must be in [0, 1), is %v", p)
	}
	return nil
}

// Finite refuses NaN and infinities.
func Finite(field string, v float64) error {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return seam.Fieldf(field, "must be a number, is %v", v)
	}
	return nil
}

// Bias refuses a word that is none of none, all and own, the method's own word for the biases of its targets.
func Bias(v, own string) error {
	if v != "none" && v != "all" && v != own {
		return seam.Fieldf("bias", "%q is none of none, all, %s", v, own)
	}
	return nil
}

// First gives the first error that is not nil.
func First(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// Chosen refuses a config of another type, and gives c as its own.
func Chosen[C any](cfg seam.Config) (C, error) {
	c, ok := cfg.(C)
	if !ok {
		return c, seam.Fieldf("peft_type", "%T is the config of another method", cfg)
	}
	return c, nil
}

// Bound refuses what is no number of at least 0.
func Bound(field string, v float64) error {
	if !(v >= 0) || math.IsInf(v, 0) {
		return seam.Fieldf(field, "must be a number of at least 0, is %v", v)
	}
	return nil
}
