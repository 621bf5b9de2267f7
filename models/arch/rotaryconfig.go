package arch

import (
	"encoding/json"
	"math"
)

// ropeFields are the settings of rotary positions in a config.json.
type ropeFields struct {
	Type            string    `json:"rope_type"`
	OldType         string    `json:"type"`
	Theta           *float64  `json:"rope_theta"`
	Partial         *float64  `json:"partial_rotary_factor"`
	Factor          *float64  `json:"factor"`
	Original        *float64  `json:"original_max_position_embeddings"`
	Low             *float64  `json:"low_freq_factor"`
	High            *float64  `json:"high_freq_factor"`
	AttentionFactor *float64  `json:"attention_factor"`
	BetaFast        float64   `json:"beta_fast"`
	BetaSlow        float64   `json:"beta_slow"`
	MScale          float64   `json:"mscale"`
	MScaleAll       float64   `json:"mscale_all_dim"`
	Truncate        *bool     `json:"truncate"`
	Short           []float32 `json:"short_factor"`
	Long            []float32 `json:"long_factor"`

	field   string  // where they stand
	theta   float64 // resolved
	trained float64 // positions before any scaling
}

// ReadRotary reads rotary positions that turn so many channels of a head from the config of a model for so many positions
// (max_position_embeddings), and the number of positions that they reach with their scaling: "linear", "dynamic",
// "llama3", "longrope" or "yarn".
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
		r.Longer = dynamicRotary(f.theta, factor, positions, width)
		reach *= factor
	case "llama3":
		factor := f.need(c, "factor", f.Factor)
		low, high := f.need(c, "low_freq_factor", f.Low), f.need(c, "high_freq_factor", f.High)
		if low >= high && c.Err() == nil {
			c.Failf(f.field, "high_freq_factor %v must be more than low_freq_factor %v", high, low)
		}
		llama3(r.Frequencies, factor, low, high, f.trained)
		reach = max(reach, factor*f.trained)
	case "longrope", "su": // its name in the first files of Phi-3
		f.needEach(c, "short_factor", f.Short, width/2)
		f.needEach(c, "long_factor", f.Long, width/2)
		if c.Err() == nil {
			r = longRotary(&f, width, reach)
		}
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

// RotaryType is the config's rope_type, "" or "default" where positions are not scaled.
func RotaryType(c *Config) string { return Get(c, ropeField(c), ropeFields{}).kind() }

func (f ropeFields) kind() string {
	if f.Type == "" {
		return f.OldType
	}
	return f.Type
}

func ropeField(c *Config) string {
	if c.Has("rope_scaling") {
		return "rope_scaling"
	}
	return "rope_parameters"
}

// rotaryShare is the share of a head's channels that positions turn.
func rotaryShare(c *Config) float64 {
	share := Get(c, "partial_rotary_factor", 1.0)
	if f := Get(c, ropeField(c), ropeFields{}); f.Partial != nil {
		share = *f.Partial
	}
	if !(share > 0 && share <= 1) {
		c.Failf("partial_rotary_factor", "must be in (0, 1], is %v", share)
		return 1
	}
	return share
}

// readRope reads the fields as transformers resolves them: rope_scaling, which transformers 5 calls rope_parameters, and
// what may stand beside it.
func readRope(c *Config, positions int) ropeFields {
	field := ropeField(c)
	for _, kind := range []string{"full_attention", "sliding_attention"} {
		if _, nested := Get(c, field, map[string]json.RawMessage{})[kind]; nested {
			c.Failf(field, "settings of their own for %s are not supported", kind)
		}
	}
	f := Get(c, field, ropeFields{})
	f.field, f.theta, f.trained = field, Get(c, "rope_theta", 10000.0), float64(positions)
	f.Type = f.kind()
	if f.Theta != nil {
		f.theta = *f.Theta
	}
	if !(f.theta > 1) {
		c.Failf("rope_theta", "must be more than 1, is %v", f.theta)
		f.theta = 10000
	}
	if f.Original != nil {
		f.trained = f.need(c, "original_max_position_embeddings", f.Original)
	}
	if c.Has("original_max_position_embeddings") {
		f.trained = float64(c.Size("original_max_position_embeddings", positions))
	}
	return f
}

// needEach wants a positive number for each pair of channels.
func (f *ropeFields) needEach(c *Config, name string, v []float32, pairs int) {
	if len(v) != pairs {
		c.Failf(f.field, "%s has %d numbers, want %d", name, len(v), pairs)
	}
	for _, x := range v {
		if !(x > 0) {
			c.Failf(f.field, "%s must be positive, has %v", name, x)
		}
	}
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
