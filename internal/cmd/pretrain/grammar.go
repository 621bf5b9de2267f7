package main

import (
	"math/rand/v2"
	"strings"
)

// grammar holds rules, each a choice, by name. It is context-free: an expansion depends on the random source alone.
type grammar map[string]part

// part is a piece of a template.
type part interface {
	expand(g grammar, r *rand.Rand, out *strings.Builder)
}

type (
	text   string // literal
	chain  []part // one after the other
	choice []part // one of them, all equally likely
	option struct{ part }
	rule   string
	form   struct{ name, suffix string } // a rule's word with an ending: a plural, or a form of a regular verb
)

func (t text) expand(_ grammar, _ *rand.Rand, out *strings.Builder) { out.WriteString(string(t)) }

func (c chain) expand(g grammar, r *rand.Rand, out *strings.Builder) {
	for _, p := range c {
		p.expand(g, r, out)
	}
}

func (c choice) expand(g grammar, r *rand.Rand, out *strings.Builder) {
	c[r.IntN(len(c))].expand(g, r, out)
}

func (o option) expand(g grammar, r *rand.Rand, out *strings.Builder) {
	if r.IntN(2) == 0 {
		o.part.expand(g, r, out)
	}
}

func (name rule) expand(g grammar, r *rand.Rand, out *strings.Builder) {
	g[string(name)].expand(g, r, out)
}

func (f form) expand(g grammar, r *rand.Rand, out *strings.Builder) {
	var one strings.Builder
	g[f.name].expand(g, r, &one)
	if f.suffix == "s" {
		out.WriteString(pluralOf(one.String()))
	} else {
		out.WriteString(verbForm(one.String(), f.suffix))
	}
}

// missing lists the rules that a part names and the grammar lacks.
func (g grammar) missing(p part) []string {
	var out []string
	switch p := p.(type) {
	case rule:
		if g[string(p)] == nil {
			out = append(out, string(p))
		}
	case form:
		out = g.missing(rule(p.name))
	case option:
		out = g.missing(p.part)
	case chain:
		for _, q := range p {
			out = append(out, g.missing(q)...)
		}
	case choice:
		for _, q := range p {
			out = append(out, g.missing(q)...)
		}
	}
	return out
}
