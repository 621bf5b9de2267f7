package arch

import (
	"strconv"

	"github.com/gopeft/gopeft/peft"
)

// names gives the full paths of block i.
func (e *EncoderBlocks) names(i int) BlockNames {
	at := e.Prefix + strconv.Itoa(i) + "."
	sub := func(s SublayerNames) SublayerNames { return SublayerNames{at + s.Path, at + s.Dense, at + s.Norm} }
	n := e.Names
	return BlockNames{at + n.Attention, at + n.Query, at + n.Key, at + n.Value, sub(n.Output), at + n.Up, sub(n.Down)}
}

// Sites lists the places of every block.
func (e *EncoderBlocks) Sites() []peft.Site {
	var out []peft.Site
	h := e.Hidden
	for i := range e.Layers {
		add := func(path string, kind peft.Kind, role string, in, width int) {
			out = append(out, peft.Site{Path: path, Kind: kind, Role: role, Layer: i, In: in, Out: width})
		}
		n := e.names(i)
		out = append(out, peft.Site{
			Path: n.Attention, Kind: peft.Attention, Role: "attention", Layer: i, In: h, Out: h, Heads: e.Heads, HeadDim: h / e.Heads,
		})
		add(n.Query, peft.Linear, "query", h, h)
		add(n.Key, peft.Linear, "key", h, h)
		add(n.Value, peft.Linear, "value", h, h)
		add(n.Output.Path, peft.Sublayer, "attention", h, h)
		add(n.Output.Dense, peft.Linear, "output", h, h)
		add(n.Output.Norm, peft.Norm, "norm", h, h)
		add(n.Up, peft.Linear, "up", h, e.Inner)
		add(n.Down.Path, peft.Sublayer, "feedforward", h, h)
		add(n.Down.Dense, peft.Linear, "down", e.Inner, h)
		add(n.Down.Norm, peft.Norm, "norm", h, h)
	}
	return out
}

// SiteValues lists the values of linear maps, embeddings, norms and convolutions, each with a bias where its kind has one.
func SiteValues(sites []peft.Site) []Value {
	var out []Value
	for _, s := range sites {
		switch s.Kind {
		case peft.Linear:
			out = append(out, Linear(s.Path, s.In, s.Out)...)
		case peft.Embedding:
			out = append(out, Value{Path: s.Path + ".weight", Shape: []int{s.In, s.Out}})
		case peft.Norm:
			out = append(out, Norm(s.Path, s.Out)...)
		case peft.Conv:
			out = append(out, Conv(s, true)...)
		}
	}
	return out
}
