package lora

import (
	"fmt"
	"math"

	"github.com/gomlx/gomlx/core/tensors"

	"github.com/gopeft/gopeft/peft/seam"
)

// Export implements seam.Exporter: fan_in_fan_out becomes what the targets have. An adapter that took its start out
// of the frozen weight is written as a plain LoRA of twice the rank, A' = [A; A₀] and B' = [B, -B₀], whose alpha
// keeps the scale: it opens anywhere on the untouched backbone.
func (m *method) Export(cfg seam.Config, in *seam.Export) (seam.Config, seam.Tensors, error) {
	c, ok := cfg.(*Config)
	if !ok {
		return nil, nil, fmt.Errorf("%w: %T is not LoRA's config", seam.ErrConfig, cfg)
	}
	for _, s := range in.Sites { // HF PEFT goes through them in this order; where they differ, the last one tells
		if s.Kind == seam.Linear && in.Has(s.Path, nameScale) && !c.ofParameter(s) {
			c.FanInFanOut = s.FanInFanOut
		}
	}
	c.fillSettings()
	if !m.c.Init.changesBase() {
		return c, in.Values, nil
	}
	*c = seam.WithDefaults(*c)
	grow := float64(2) // alpha/r stays when both double
	if c.RSLoRA {
		grow = float64(math.Sqrt2) // alpha/sqrt(r)
	}
	c.R, c.Alpha, c.Init = 2*c.R, grow*c.Alpha, ""
	for i := range c.RankPattern {
		c.RankPattern[i].Value *= 2
	}
	for i := range c.AlphaPattern {
		c.AlphaPattern[i].Value *= grow
	}
	for _, s := range in.Sites {
		if !in.Has(s.Path, nameScale) {
			continue
		}
		if err := double(in, s); err != nil {
			return nil, nil, err
		}
	}
	return c, in.Values, nil
}

// fillSettings sets what is unset inside of the config's objects, which HF PEFT writes whole.
func (c *Config) fillSettings() {
	if c.KaSA != nil {
		k := filled(*c.KaSA)
		k.whole, c.KaSA = true, &k
	}
	if c.Arrow != nil {
		a := filled(*c.Arrow)
		a.whole, c.Arrow = true, &a
	}
	if c.VeLoRA != nil {
		v := filled(*c.VeLoRA)
		v.whole, c.VeLoRA = true, &v
	}
	if c.MonteCLoRA != nil {
		v := filled(*c.MonteCLoRA)
		v.whole, c.MonteCLoRA = true, &v
	}
	if c.Blocks != nil {
		b := filled(*c.Blocks)
		b.whole, c.Blocks = true, &b
	}
	c.fillData()
	if c.Init == LoftQStart || c.LoftQ.isSet() {
		c.LoftQ = filled(c.LoftQ)
		c.LoftQ.whole = true
	}
}

// double joins a site's values with the start that the frozen weight lost.
func double(in *seam.Export, s seam.Site) error {
	var v [4][]float32
	for i, name := range []string{nameA, nameB, nameStartA, nameStartB} {
		var err error
		if v[i], err = in.Flat(s.Path, name); err != nil {
			return err
		}
	}
	r := len(v[0]) / s.In
	a := append(v[0], v[2]...)
	b := make([]float32, 2*len(v[1]))
	for i := range s.Out {
		copy(b[2*i*r:], v[1][i*r:(i+1)*r])
		for k := range r {
			b[2*i*r+r+k] = -v[3][i*r+k]
		}
	}
	in.Values["base_model.model."+s.Path+"."+nameA] = tensors.FromFlatDataAndDimensions(a, 2*r, s.In)
	in.Values["base_model.model."+s.Path+"."+nameB] = tensors.FromFlatDataAndDimensions(b, s.Out, 2*r)
	return nil
}
