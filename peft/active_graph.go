package peft

import (
	"fmt"
	"strings"

	"github.com/gomlx/gomlx/core/tensors"

	"github.com/gopeft/gopeft/peft/seam"
)

// key tells graphs apart: by which values stand where and how they are combined, not by what they are.
func (act *active) key() string {
	var k strings.Builder
	for _, s := range act.slots {
		k.WriteString(s.key)
	}
	for _, b := range act.branches {
		fmt.Fprintf(&k, "|%v%t%d", b.slots, b.scaled, b.row)
	}
	fmt.Fprintf(&k, "|%d", len(act.rows))
	return k.String()
}

// slotKey tells apart what an adapter, or so many stacked ones, puts into a graph. It is made once for each adapter:
// with hundreds of values it would cost more than the rest of a call's preparation.
func slotKey(a *Adapter, params []seam.Param, sites []string, stacked int) string {
	var k strings.Builder
	fmt.Fprintf(&k, "|%s,%s,%d", a.cfg.PEFTType(), a.method.GraphKey(), stacked)
	for _, p := range params {
		fmt.Fprintf(&k, ",%s.%s%v%t%t%t%q", p.Site, p.Name, p.Shape, p.Replaces != "", p.Trains(), p.Moving, p.Shared)
	}
	for _, path := range sites {
		k.WriteString("," + path)
	}
	return k.String()
}

// inputs gives the adapters' inputs of the graph, in the order in which setup takes their nodes.
func (act *active) inputs() []*Tensor {
	var out []*Tensor
	for _, s := range act.slots {
		out = append(out, s.values...)
		if s.rows != nil {
			out = append(out, tensors.FromFlatDataAndDimensions(s.rows, len(s.rows)))
		}
	}
	for _, b := range act.branches {
		if b.scaled {
			out = append(out, tensors.FromScalar(float32(b.weight)))
		}
	}
	if act.rows != nil {
		out = append(out, tensors.FromFlatDataAndDimensions(act.rows, len(act.rows)))
	}
	return out
}

// setup describes the adapters to the graph, given the nodes of their inputs.
func (act *active) setup(nodes []*seam.Node) seam.Setup {
	var out seam.Setup
	next := func() *seam.Node {
		n := nodes[0]
		nodes = nodes[1:]
		return n
	}
	for _, s := range act.slots {
		slot := seam.Slot{Method: s.adapter.method, Params: s.params, Nodes: nodes[:len(s.params)], Sites: s.sites}
		nodes = nodes[len(s.params):]
		if s.rows != nil {
			slot.Rows = next()
		}
		out.Slots = append(out.Slots, slot)
	}
	for _, b := range act.branches {
		branch := seam.Branch{Slots: b.slots, Row: b.row}
		if b.scaled {
			branch.Weight = next()
		}
		out.Branches = append(out.Branches, branch)
	}
	if act.rows != nil {
		out.Rows = next()
	}
	return out
}
