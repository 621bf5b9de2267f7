package lora

import (
	"slices"

	"github.com/gopeft/gopeft/peft/seam"
)

const fieldTying = "ensure_weight_tying"

// Ties implements seam.Tying.
func (c *Config) Ties() bool { return c.TieWeights }

// tied finds among the targets the embedding that an output layer shares its weight with, or that output layer: the
// embedding's A and B then are the output layer's B and A, transposed. It gives the sites with the embedding in place of the
// output layer, and what target_modules says of them.
func (m *method) tied(b *seam.Blueprint, sites []seam.Site, targets seam.Targets) ([]seam.Site, seam.Targets, *tie, error) {
	if !m.c.TieWeights {
		return sites, targets, nil, nil
	}
	t := m.c.Targets
	if !slices.ContainsFunc(t.Names(), seam.IsTiedName) && !(t.IsPattern() && (means(t, "embed_tokens") || means(t, "lm_head"))) {
		return sites, targets, nil, nil
	}
	for _, s := range sites {
		owner, ok := b.Site(b.Owner(s.Path))
		if !ok || owner.Kind != seam.Embedding || m.c.ofParameter(s) {
			continue
		}
		for _, other := range b.TiedTo(owner.Path) {
			head, _ := b.Site(other)
			if head.Kind != seam.Linear {
				continue
			}
			if m.c.DoRA {
				return nil, targets, nil, seam.Fieldf(fieldTying, "does not go with use_dora on %s", owner.Path)
			}
			if m.c.LoRABias {
				return nil, targets, nil, seam.Fieldf(fieldTying, "does not go with lora_bias on %s", owner.Path)
			}
			out := slices.DeleteFunc(slices.Clone(sites), func(s seam.Site) bool { return s.Path == owner.Path || s.Path == head.Path })
			return append([]seam.Site{owner}, out...), tiedTargets(targets, owner, head), &tie{owner, head}, nil
		}
	}
	return sites, targets, nil, nil
}

// tie is an embedding and the output layer that shares its weight.
type tie struct{ embedding, head seam.Site }

// tiedTargets names the embedding and not the output layer, as HF PEFT does.
func tiedTargets(t seam.Targets, owner, head seam.Site) seam.Targets {
	if t.IsPattern() {
		return t
	}
	names := slices.DeleteFunc(t.Names(), func(n string) bool { return means(seam.Match(n), head.Path) })
	if !slices.Contains(names, owner.Path) {
		names = append(names, owner.Path)
	}
	return seam.Match(names...)
}

// params are those of the head: its scale alone. The embedding's get their second place in the file.
func (t *tie) params(of []seam.Param) []seam.Param {
	var out []seam.Param
	for i := range of {
		p := &of[i]
		if p.Site != t.embedding.Path {
			continue
		}
		switch p.Name {
		case embedA:
			p.Twin = &seam.Twin{Key: "base_model.model." + t.head.Path + "." + nameB, Swapped: true}
		case embedB:
			p.Twin = &seam.Twin{Key: "base_model.model." + t.head.Path + "." + nameA, Swapped: true}
		case nameScale:
			scale := *p
			scale.Site = t.head.Path
			out = append(out, scale)
		}
	}
	return out
}

// tiedFactors gives A and B of an output layer that has those of the embedding.
func tiedFactors(at *seam.At) (a, b *seam.Node) {
	return at.Transpose(at.ParamOf(at.Owner(), embedB)), at.Transpose(at.ParamOf(at.Owner(), embedA))
}

// means reports whether targets mean a module; a pattern that is no regular expression, which Select refuses, means none.
func means(t seam.Targets, path string) bool {
	ok, err := t.Means(path)
	return ok && err == nil
}
