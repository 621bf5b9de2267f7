package shared

import "github.com/gopeft/gopeft/peft/seam"

// Chosen refuses a config of another type, and gives c as its own.
func Chosen[C any](cfg seam.Config) (C, error) {
	c, ok := cfg.(C)
	if !ok {
		return c, seam.Fieldf("peft_type", "%T is the config of another method", cfg)
	}
	return c, nil
}
