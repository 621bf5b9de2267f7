package arch

import (
	"strconv"

	"github.com/gopeft/gopeft/peft/seam"
)

// names gives the full paths of block i.
func (e *EncoderBlocks) names(i int) BlockNames {
	at := e.Prefix + strconv.Itoa(i) + "."
	sub := func(s SublayerNames) SublayerNames { return SublayerNames{at + s.Path, at + s.Dense, at + s.Norm} }
	n := e.Names
	return BlockNames{at + n.Attention, at + n.Query, at + n.Key, at + n.Value, sub(n.Output), at + n.Up, sub(n.Down), n.QueryLast}
}

// Sites lists the places of every block.
func (e *EncoderBlocks) Sites() []seam.Site {
	var out []seam.Site
	for i := range e.Layers {
		n := e.names(i)
		out = append(out, e.attentionSites(i, "attention", "", n)...)
		out = append(out, e.feedForwardSites(i, n)...)
	}
	return out
}

// attentionSites lists those of a block's sub-layer of attention; before stands before its linear maps' roles.
func (e *EncoderBlocks) attentionSites(i int, role, before string, n BlockNames) []seam.Site {
	h := e.Hidden
	at := func(path string, kind seam.Kind, role string) seam.Site {
		return seam.Site{Path: path, Kind: kind, Role: role, Layer: i, In: h, Out: h}
	}
	where := at(n.Attention, seam.Attention, role)
	where.Heads, where.HeadDim = e.Heads, h/e.Heads
	query, key, value := at(n.Query, seam.Linear, before+"query"), at(n.Key, seam.Linear, before+"key"), at(n.Value, seam.Linear, before+"value")
	maps := []seam.Site{where, query, key, value}
	if n.QueryLast {
		maps = []seam.Site{where, key, value, query}
	}
	return append(maps,
		at(n.Output.Path, seam.Sublayer, role), at(n.Output.Dense, seam.Linear, before+"output"), at(n.Output.Norm, seam.Norm, "norm"),
	)
}

func (e *EncoderBlocks) feedForwardSites(i int, n BlockNames) []seam.Site {
	at := func(path string, kind seam.Kind, role string, in, width int) seam.Site {
		return seam.Site{Path: path, Kind: kind, Role: role, Layer: i, In: in, Out: width}
	}
	h := e.Hidden
	return []seam.Site{
		at(n.Up, seam.Linear, "up", h, e.Inner), at(n.Down.Path, seam.Sublayer, "feedforward", h, h),
		at(n.Down.Dense, seam.Linear, "down", e.Inner, h), at(n.Down.Norm, seam.Norm, "norm", h, h),
	}
}

// SiteValues lists the values of linear maps, embeddings, norms and convolutions, each with a bias where its kind has one.
func SiteValues(sites []seam.Site) []Value {
	var out []Value
	for _, s := range sites {
		switch s.Kind {
		case seam.Linear:
			out = append(out, Linear(s.Path, s.In, s.Out)...)
		case seam.Embedding:
			out = append(out, Value{Path: s.Path + ".weight", Shape: []int{s.In, s.Out}})
		case seam.Norm:
			out = append(out, Norm(s.Path, s.Out)...)
		case seam.Conv:
			out = append(out, Conv(s, true)...)
		}
	}
	return out
}
