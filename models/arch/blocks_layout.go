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
	for i := range e.Layers {
		n := e.names(i)
		out = append(out, e.attentionSites(i, "attention", "", n)...)
		out = append(out, e.feedForwardSites(i, n)...)
	}
	return out
}

// attentionSites lists those of a block's sub-layer of attention; before stands before its linear maps' roles.
func (e *EncoderBlocks) attentionSites(i int, role, before string, n BlockNames) []peft.Site {
	h := e.Hidden
	at := func(path string, kind peft.Kind, role string) peft.Site {
		return peft.Site{Path: path, Kind: kind, Role: role, Layer: i, In: h, Out: h}
	}
	where := at(n.Attention, peft.Attention, role)
	where.Heads, where.HeadDim = e.Heads, h/e.Heads
	return []peft.Site{
		where, at(n.Query, peft.Linear, before+"query"), at(n.Key, peft.Linear, before+"key"), at(n.Value, peft.Linear, before+"value"),
		at(n.Output.Path, peft.Sublayer, role), at(n.Output.Dense, peft.Linear, before+"output"), at(n.Output.Norm, peft.Norm, "norm"),
	}
}

func (e *EncoderBlocks) feedForwardSites(i int, n BlockNames) []peft.Site {
	at := func(path string, kind peft.Kind, role string, in, width int) peft.Site {
		return peft.Site{Path: path, Kind: kind, Role: role, Layer: i, In: in, Out: width}
	}
	h := e.Hidden
	return []peft.Site{
		at(n.Up, peft.Linear, "up", h, e.Inner), at(n.Down.Path, peft.Sublayer, "feedforward", h, h),
		at(n.Down.Dense, peft.Linear, "down", e.Inner, h), at(n.Down.Norm, peft.Norm, "norm", h, h),
	}
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
