package lora

import (
	"slices"
	"strings"

	"github.com/gomlx/gomlx/core/graph"

	"github.com/gopeft/gopeft/internal/names"
	"github.com/gopeft/gopeft/peft/seam"
)

// target_parameters names weights instead of modules. On a linear map a LoRA of its weight is that of the module; where
// transformers keeps the weight the other way round (GPT-2), A is [r, out] and B [in, r], and of an embedding A is
// [r, width] and B [count, r]. Files tell these from other LoRAs by target_parameters alone.

const fieldParameters = "target_parameters"

// ofParameter reports whether a site's weight, not its module, is a target.
func (c *Config) ofParameter(s seam.Site) bool {
	return slices.ContainsFunc(c.TargetParameters, func(name string) bool { return parameterMatches(name, s.Path+".weight") })
}

func parameterMatches(name, path string) bool {
	return path == name || strings.HasSuffix(path, "."+name)
}

// upright reports whether A stands at the output of a site whose weight is a target.
func (c *Config) upright(s seam.Site) bool {
	return c.ofParameter(s) && (s.FanInFanOut || s.Kind == seam.Embedding)
}

// parameterSites finds the sites whose weights are targets, beside the modules that are.
func (c *Config) parameterSites(b *seam.Blueprint, modules []seam.Site) ([]seam.Site, error) {
	if c.TargetParameters == nil {
		return nil, nil
	}
	var out []seam.Site
	for _, name := range c.TargetParameters {
		found := false
		for _, s := range b.Sites {
			path := s.Path + ".weight"
			shape, ok := b.Shape(path)
			if !ok || !parameterMatches(name, path) {
				continue
			}
			found = true
			switch {
			case s.Kind != seam.Linear && s.Kind != seam.Embedding:
				return nil, seam.Fieldf(fieldParameters, "%s is %v, weights of linear maps and embeddings have two axes", path, shape)
			case slices.ContainsFunc(modules, func(m seam.Site) bool { return m.Path == s.Path }):
				return nil, seam.Fieldf(fieldParameters, "%s belongs to a module of target_modules", path)
			case !slices.ContainsFunc(out, func(o seam.Site) bool { return o.Path == s.Path }):
				out = append(out, s)
			}
		}
		if found {
			continue
		}
		if shape, ok := findShape(b, name); ok {
			return nil, seam.Fieldf(fieldParameters, "%q is %v, only the weights of linear maps and embeddings can be targets here", name, shape)
		}
		var have []string
		for _, s := range b.OfKind(seam.Linear) {
			have = append(have, s.Path+".weight")
		}
		return nil, &seam.TargetError{Field: fieldParameters, Name: name, Near: names.Near(name, have, 5)}
	}
	return out, nil
}

// findShape finds another value of a site by its name.
func findShape(b *seam.Blueprint, name string) ([]int, bool) {
	_, last := names.CutLast(name)
	for _, s := range b.Sites {
		if path := s.Path + "." + last; parameterMatches(name, path) {
			if shape, ok := b.Shape(path); ok {
				return shape, true
			}
		}
	}
	return nil, false
}

// validateParameters refuses what HF PEFT has for modules only.
func (c *Config) validateParameters() error {
	if c.TargetParameters == nil {
		return nil
	}
	for field, on := range map[string]bool{"lora_dropout": c.Dropout > 0, "lora_bias": c.LoRABias} {
		if on {
			return seam.Fieldf(fieldParameters, "does not go with %s", field)
		}
	}
	if v := c.variant(); v != "" {
		return seam.Fieldf(fieldParameters, "does not go with %s", v)
	}
	if !c.Init.plain() && c.Init != Gaussian && c.Init != Orthogonal {
		return seam.Fieldf(fieldParameters, "does not go with init_lora_weights %q", c.Init)
	}
	return nil
}

// uprightParams are A and B of a weight whose axes are the other way round.
func uprightParams(s seam.Site, r int) (a, b seam.Param) {
	in, out := s.Out, s.In
	return seam.Param{Site: s.Path, Name: nameA, Shape: []int{r, in}}, seam.Param{Site: s.Path, Name: nameB, Shape: []int{out, r}}
}

// uprightEmbedding adds B A's rows to those of an embedding.
func (m *method) uprightEmbedding(at *seam.At, ids, y *seam.Node) *seam.Node {
	update := at.Dense(at.Lookup(at.Param(nameB), ids), at.Transpose(at.Param(nameA)))
	return graph.Add(y, graph.Mul(update, at.Spread(at.Param(nameScale), update)))
}
