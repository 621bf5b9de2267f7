package lora

import (
	"fmt"
	"math"
	"slices"

	"github.com/gopeft/gopeft/peft/seam"
)

// EVA is the setting of the start "eva": A starts as the main directions of what goes into each target, and targets whose
// inputs need more of them get a higher rank. Paischer et al. 2024, arXiv:2410.07170.
type EVA struct {
	// Rho bounds how far a target's rank may grow: to Rho times what it is without data. At least 1, with which ranks stay. 0
	// means 2.
	Rho float64 `json:"rho" default:"2.0"`
	// Tau is the cosine between directions before and after a batch from which on they count as found. When all are, the
	// remaining batches are not asked for. In [0, 1]; 0 means 0.99, peft.Zero a 0.
	Tau float64 `json:"tau" default:"0.99"`
	// UseLabelMask leaves out positions whose label, where labels have a value for each, is LabelMaskValue. nil means true.
	UseLabelMask *bool `json:"use_label_mask" default:"true"`
	// LabelMaskValue is that label; nil means -100.
	LabelMaskValue *int `json:"label_mask_value" default:"-100"`
	// Whiten divides each direction by the square root of its singular value.
	Whiten bool `json:"whiten" default:"false"`
	// AdjustScalingFactors keeps alpha/r where ranks change. nil means true.
	AdjustScalingFactors *bool `json:"adjust_scaling_factors" default:"true"`
}

// UnmarshalJSON reads an object; an unknown key is an error.
func (e *EVA) UnmarshalJSON(raw []byte) error { return readSettings(raw, e) }

// MarshalJSON writes what is set.
func (e EVA) MarshalJSON() ([]byte, error) { return writeSettings(e, false) }

// CorDA is the setting of the start "corda": A and B start as components of the weight, ordered by what data call for, and the
// frozen weight loses them. Yang et al. 2024, arXiv:2406.05223.
type CorDA struct {
	// Method says which components: "ipm", those that the data call for most, to learn a task like them soonest; "kpm", those
	// that they call for least, to keep what the model knows of such data. "" means ipm.
	Method string `json:"corda_method" default:"\"ipm\""`
	// CovarianceFile is a safetensors file with the covariance of what goes into each target: it is read where it is there,
	// so that no data is needed, and written where it is not. "" keeps none.
	CovarianceFile string `json:"covariance_file" default:"null"`
	// CacheFile is one with the components themselves, likewise.
	CacheFile string `json:"cache_file" default:"null"`
	// HalfCovariance rounds each batch's covariance to float16, as HF PEFT's does that saves memory so.
	HalfCovariance bool `json:"use_float16_for_covariance" default:"false"`
	// Verbose and Prune are HF PEFT's: nothing is printed here, and nothing is left behind, so only false and true are taken.
	Verbose bool  `json:"verbose" default:"false"`
	Prune   *bool `json:"prune_temporary_fields" default:"true"`
}

// UnmarshalJSON reads an object; an unknown key is an error.
func (c *CorDA) UnmarshalJSON(raw []byte) error { return readSettings(raw, c) }

// MarshalJSON writes what is set.
func (c CorDA) MarshalJSON() ([]byte, error) { return writeSettings(c, false) }

// LoRAGA is the setting of the start "lora_ga": A and B start as main directions of the weight's gradient, so that the first
// step is near that of training the whole weight, and the frozen weight loses their product. Wang et al. 2024,
// arXiv:2407.05000.
type LoRAGA struct {
	// Direction says which of the first 2 r singular vectors A and B get: "ArB2r" (A the first r, B the others), "A2rBr" (the
	// other way round), "ArBr" (B the first, third and so on, A the others) or "random" (r of them by chance, the same for
	// both). "" means ArB2r.
	Direction string `json:"direction" default:"\"ArB2r\""`
	// Scale says how large they start: "stable" (B times out^¼/√StableGamma), "weight_svd" (B as large as the weight), "gd_scale"
	// (both divided by alpha/r) or "unit" (as they are). "" means stable.
	Scale string `json:"scale" default:"\"stable\""`
	// StableGamma is for Scale "stable". 0 means 16.
	StableGamma int `json:"stable_gamma" default:"16"`
}

// UnmarshalJSON reads an object; an unknown key is an error.
func (g *LoRAGA) UnmarshalJSON(raw []byte) error { return readSettings(raw, g) }

// MarshalJSON writes what is set.
func (g LoRAGA) MarshalJSON() ([]byte, error) { return writeSettings(g, false) }

// Fields of the starts from data.
const (
	fieldEVA   = "eva_config"
	fieldCorDA = "corda_config"
	fieldGA    = "lora_ga_config"
)

func or[T any](p *T) T {
	if p == nil {
		return *new(T)
	}
	return *p
}

// eva, cordaSettings and ga give the settings with all defaults.
func (c *Config) eva() EVA             { return seam.WithDefaults(or(c.EVA)) }
func (c *Config) cordaSettings() CorDA { return seam.WithDefaults(or(c.CorDA)) }
func (c *Config) ga() LoRAGA           { return seam.WithDefaults(or(c.LoRAGA)) }

func (c *Config) validateData() error {
	e, d, g := c.eva(), c.cordaSettings(), c.ga()
	switch {
	case !(e.Rho >= 1) || math.IsInf(e.Rho, 0):
		return seam.Fieldf(fieldEVA, "rho must be a number of at least 1, is %v", e.Rho)
	case !(e.Tau >= 0 && e.Tau <= 1):
		return seam.Fieldf(fieldEVA, "tau must be in [0, 1], is %v", e.Tau)
	case d.Method != "ipm" && d.Method != "kpm":
		return seam.Fieldf(fieldCorDA, "corda_method %q is none of ipm, kpm", d.Method)
	case d.Verbose:
		return &seam.UnsupportedError{Option: fieldCorDA, Value: "verbose: nothing is printed"}
	case !*d.Prune:
		return &seam.UnsupportedError{Option: fieldCorDA, Value: "prune_temporary_fields false: nothing is left to be kept"}
	case !slices.Contains([]string{"ArB2r", "A2rBr", "ArBr", "random"}, g.Direction):
		return seam.Fieldf(fieldGA, "direction %q is none of ArB2r, A2rBr, ArBr, random", g.Direction)
	case !slices.Contains([]string{"stable", "weight_svd", "gd_scale", "unit"}, g.Scale):
		return seam.Fieldf(fieldGA, "scale %q is none of stable, weight_svd, gd_scale, unit", g.Scale)
	case g.StableGamma < 1:
		return seam.Fieldf(fieldGA, "stable_gamma must be at least 1, is %d", g.StableGamma)
	}
	return nil
}

// dataWarnings tell of settings of a start from data that is not asked for.
func (c *Config) dataWarnings() []string {
	var out []string
	for _, f := range []struct {
		field string
		idle  bool
	}{{fieldEVA, c.EVA != nil && c.Init != EVAStart}, {fieldCorDA, c.CorDA != nil && c.Init != CorDAStart}, {fieldGA, c.LoRAGA != nil && c.Init != GAStart}} {
		if f.idle {
			out = append(out, fmt.Sprintf("%s does nothing with init_lora_weights %q", f.field, c.Init))
		}
	}
	return out
}

// fillData sets what is unset inside of the settings of starts from data, which HF PEFT writes whole.
func (c *Config) fillData() {
	if c.EVA != nil || c.Init == EVAStart {
		c.EVA = new(filled(or(c.EVA)))
	}
	if c.CorDA != nil || c.Init == CorDAStart {
		c.CorDA = new(filled(or(c.CorDA)))
	}
	if c.LoRAGA != nil || c.Init == GAStart {
		c.LoRAGA = new(filled(or(c.LoRAGA)))
	}
}

// Calibration implements seam.Calibrator.
func (m *method) Calibration() *seam.Calibration {
	switch m.c.Init {
	case EVAStart:
		return m.evaCalibration()
	case CorDAStart:
		return m.cordaCalibration()
	case GAStart:
		return &seam.Calibration{Setting: fieldInit, Gradients: true, Measure: func(p *seam.Probe) seam.Nodes {
			if !p.Has(nameScale) {
				return nil
			}
			return seam.Nodes{measuredGradient: p.Gradient()}
		}}
	}
	return nil
}
