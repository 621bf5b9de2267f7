package arch

import (
	"encoding/json"
	"math"
)

// ropeFields are the settings of rotary positions in a config.json.
type ropeFields struct {
	Type            string   `json:"rope_type"`
	OldType         string   `json:"type"`
	Theta           *float64 `json:"rope_theta"`
	Partial         *float64 `json:"partial_rotary_factor"`
	Factor          *float64 `json:"factor"`
	Original        *float64 `json:"original_max_position_embeddings"`
	Low             *float64 `json:"low_freq_factor"`
	High            *float64 `json:"high_freq_factor"`
	AttentionFactor *float64 `json:"attention_factor"`
	BetaFast        float64  `json:"beta_fast"`
	BetaSlow        float64  `json:"beta_slow"`
	MScale          float64  `json:"mscale"`
	MScaleAll       float64  `json:"mscale_all_dim"`
	Truncate        *bool    `json:"truncate"`

	field   string  // where they stand
	theta   float64 // resolved
	trained float64 // positions before any scaling
}

// ReadRotary reads rotary positions for heads of some width from the config of a model for so many positions
// (max_position_embeddings), and the number of positions that they reach with their scaling: "linear", "dynamic",
// "llama3" or "yarn".
func ReadRotary(c *Config, width, positions int) (Rotary, int) {
	f := readRope(c, positions)
	const widest = 1 << 16
	if width%2 != 0 || width < 4 || width > widest {
		c.Failf("head_dim", "must be even and in 4..%d for rotary positions, is %d", widest, width)
		width = 4
	}
	r := Rotary{Frequencies: frequencies(f.theta, width), Scale: 1}
	reach := float64(positions)
	switch f.Type {
	case "", "default":
	case "linear":
		factor := f.need(c, "factor", f.Factor)
		for i := range r.Frequencies {
			r.Frequencies[i] /= float32(factor)
		}
		reach *= factor
	case "dynamic":
		factor := f.need(c, "factor", f.Factor)
		r.Grown, r.Longer = positions, func(length int) []float32 {
			return frequencies(grownTheta(f.theta, factor, length, positions, width), width)
		}
		reach *= factor
	case "llama3":
		factor := f.need(c, "factor", f.Factor)
		low, high := f.need(c, "low_freq_factor", f.Low), f.need(c, "high_freq_factor", f.High)
		if low >= high && c.Err() == nil {
			c.Failf(f.field, "high_freq_factor %v must be more than low_freq_factor %v", high, low)
		}
		llama3(r.Frequencies, factor, low, high, f.trained)
		reach = max(reach, factor*f.trained)
	case "yarn":
		factor := reach / f.trained
		if f.Factor != nil {
			factor = f.need(c, "factor", f.Factor)
		}
		r.Scale = yarn(r.Frequencies, &f, factor, width)
		reach = max(reach, factor*f.trained)
	default:
		c.Failf(f.field, "rope_type %q is not supported", f.Type)
	}
	return r, int(min(reach, math.MaxInt32))
}

// readRope reads the fields as transformers resolves them: rope_scaling, which transformers 5 calls rope_parameters, and
// what may stand beside it.
func readRope(c *Config, positions int) ropeFields {
	field := "rope_parameters"
	if c.Has("rope_scaling") {
		field = "rope_scaling"
	}
	for _, kind := range []string{"full_attention", "sliding_attention"} {
		if _, nested := Get(c, field, map[string]json.RawMessage{})[kind]; nested {
			c.Failf(field, "settings of their own for %s are not supported", kind)
		}
	}
	f := Get(c, field, ropeFields{})
	f.field, f.theta, f.trained = field, Get(c, "rope_theta", 10000.0), float64(positions)
	if f.Type == "" {
		f.Type = f.OldType
	}
	if f.Theta != nil {
		f.theta = *f.Theta
	}
	if !(f.theta > 1) {
		c.Failf("rope_theta", "must be more than 1, is %v", f.theta)
		f.theta = 10000
	}
	if f.Partial != nil && *f.Partial != 1 {
		c.Failf("partial_rotary_factor", "%v is not supported", *f.Partial)
	}
	Only(c, "partial_rotary_factor", 1.0)
	if f.Original != nil {
		f.trained = f.need(c, "original_max_position_embeddings", f.Original)
	}
	if c.Has("original_max_position_embeddings") {
		f.trained = float64(c.Size("original_max_position_embeddings", positions))
	}
	return f
}

// need wants a positive number.
func (f *ropeFields) need(c *Config, name string, v *float64) float64 {
	if v == nil {
		c.Failf(f.field, "rope_type %q needs %s", f.Type, name)
		return 1
	}
	if !(*v > 0) {
		c.Failf(f.field, "%s must be positive, is %v", name, *v)
		return 1
	}
	return *v
}
