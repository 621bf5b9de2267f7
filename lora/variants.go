package lora

import (
	"fmt"

	"github.com/gopeft/gopeft/peft/seam"
)

// The variants of LoRA, by the config's field that asks for each. Two of them don't go together, as in HF PEFT.
const (
	fieldDoRA       = "use_dora"
	fieldKaSA       = "kasa_config"
	fieldBlocks     = "use_bdlora"
	fieldALoRA      = "alora_invocation_tokens"
	fieldInit       = "init_lora_weights"
	fieldArrow      = "arrow_config"
	fieldVeLoRA     = "velora_config"
	fieldMonteCLoRA = "monteclora_config"
)

// variants lists the fields of the variants that a config asks for.
func (c *Config) variants() []string {
	var out []string
	for _, v := range []struct {
		field string
		on    bool
	}{
		{fieldDoRA, c.DoRA}, {fieldKaSA, c.KaSA != nil}, {fieldBlocks, c.Blocks != nil}, {fieldALoRA, c.InvocationTokens != nil},
		{fieldInit, c.Init == MiCA}, {fieldVeLoRA, c.VeLoRA != nil}, {fieldArrow, c.Arrow != nil}, {fieldMonteCLoRA, c.MonteCLoRA != nil},
	} {
		if v.on {
			out = append(out, v.field)
		}
	}
	return out
}

// variant is the field of the variant, "" for plain LoRA.
func (c *Config) variant() string {
	if v := c.variants(); len(v) > 0 {
		return v[0]
	}
	return ""
}

func (c *Config) validateVariants() error {
	all := c.variants()
	if len(all) > 1 {
		return seam.Fieldf(all[1], "does not go with %s", all[0])
	}
	if v := c.variant(); !c.startsWith(v) {
		return seam.Fieldf(fieldInit, "%q does not go with %s", c.Init, v)
	}
	if err := c.validateParameters(); err != nil {
		return err
	}
	for _, err := range []error{c.KaSA.validate(), c.VeLoRA.validate(), c.Arrow.validate(), c.MonteCLoRA.validate()} {
		if err != nil {
			return err
		}
	}
	if c.Blocks != nil && c.LoRABias {
		return seam.Fieldf("lora_bias", "does not go with %s", fieldBlocks)
	}
	if err := c.Blocks.validate(); err != nil {
		return err
	}
	if err := c.validateInvocation(); err != nil {
		return err
	}
	if err := c.validateData(); err != nil {
		return err
	}
	return c.LoftQ.validate()
}

// startsWith reports whether the start goes with a variant.
func (c *Config) startsWith(variant string) bool {
	common := c.Init.plain() || c.Init == Gaussian
	switch variant {
	case fieldBlocks, fieldArrow: // which have blocks, or no A and B, to start
		return common
	case fieldKaSA, fieldALoRA: // KaSA changes the weight itself, and an aLoRA leaves it as it is where it does not act
		return !c.Init.changesBase() && c.Init != LoftQStart
	case fieldMonteCLoRA: // whose file has values for each rank, which a start taken from the weight doubles
		return !c.Init.changesBase()
	}
	return true
}

// checkKind refuses a variant or a start at a site that it is not for.
func (c *Config) checkKind(s seam.Site) error {
	field, value := c.variant(), ""
	switch {
	case s.Kind == seam.Linear, field == fieldDoRA, field == fieldInit && s.Kind == seam.Embedding:
		field = ""
	case field == fieldInit:
		value = fmt.Sprintf("%q ", c.Init)
	}
	if field == "" && s.Kind != seam.Linear && (c.Init.changesBase() || c.Init == LoftQStart || c.Init == Orthogonal) {
		field, value = fieldInit, fmt.Sprintf("%q ", c.Init)
	}
	if field == "" {
		return nil
	}
	return seam.Fieldf(field, "%sgoes with linear maps only, %s is %s", value, s.Path, s.Kind)
}

// variantKey is what a variant builds into graphs.
func (c *Config) variantKey() string {
	switch c.variant() {
	case fieldKaSA:
		k := seam.WithDefaults(*c.KaSA)
		return fmt.Sprintf(",kasa=%g,%g", k.Beta, k.Gamma)
	case fieldBlocks:
		return fmt.Sprintf(",blocks=%d,%q,%q", c.Blocks.count(), c.Blocks.A, c.Blocks.B)
	case fieldALoRA:
		return ",alora"
	case fieldArrow:
		a := seam.WithDefaults(*c.Arrow)
		return fmt.Sprintf(",arrow=%d,%g", a.TopK, a.Temperature)
	case fieldVeLoRA:
		v := seam.WithDefaults(*c.VeLoRA)
		return fmt.Sprintf(",velora=%d,%g,%s", v.Groups, v.Scale, v.Direction)
	case fieldMonteCLoRA:
		v := seam.WithDefaults(*c.MonteCLoRA)
		return fmt.Sprintf(",monteclora=%t,%g,%g,%g", v.Entropy, v.Prior, v.Scale, v.Weight)
	}
	if c.Init == LoftQStart {
		return ",loftq"
	}
	return ""
}
