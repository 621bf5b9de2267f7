package peft

import (
	"fmt"
	"strings"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
)

// key names the graph that the selection makes: which values stand where and how, not what they are.
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

// slotKey names what an adapter, or a stack of so many, puts into a graph. It is made once: with hundreds of values it
// costs more than the rest of a call's preparation.
func slotKey(a *Adapter, params []Param, sites []string, stacked int) string {
	var k strings.Builder
	fmt.Fprintf(&k, "|%s,%s,%d", a.cfg.PEFTType(), a.method.GraphKey(), stacked)
	for _, p := range params {
		fmt.Fprintf(&k, ",%s.%s%v%t%t%t", p.Site, p.Name, p.Shape, p.Replaces != "", p.Trains(), p.Moving)
	}
	for _, path := range sites {
		k.WriteString("," + path)
	}
	return k.String()
}

// inputs gives what the graph is fed, in the order that call expects.
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

// call makes the Call of a graph whose parameters for inputs are nodes.
func (act *active) call(b *Backbone, g *graph.Graph, nodes []*Node) *Call {
	c := &Call{g: g, backbone: b, frozen: map[string]*Node{}, wide: map[*Node]*Node{}}
	next := func() *Node {
		n := nodes[0]
		nodes = nodes[1:]
		return n
	}
	for _, s := range act.slots {
		sl := &slot{method: s.adapter.method, params: s.params, index: map[string]int{}, sites: map[string]bool{}, swaps: map[string]int{}}
		for i, p := range s.params {
			sl.nodes = append(sl.nodes, next())
			sl.index[paramID(p.Site, p.Name)] = i
			if p.Replaces != "" {
				sl.swaps[p.Replaces] = i
			}
		}
		if s.rows != nil {
			sl.rows = next()
			for i, n := range sl.nodes {
				sl.nodes[i] = graph.Gather(n, graph.InsertAxes(sl.rows, -1))
			}
		}
		for _, path := range s.sites {
			sl.sites[path] = true
		}
		c.slots = append(c.slots, sl)
	}
	for _, ab := range act.branches {
		br := branch{row: ab.row}
		for _, i := range ab.slots {
			br.slots = append(br.slots, c.slots[i])
		}
		if ab.scaled {
			br.weight = next()
		}
		c.branches = append(c.branches, br)
	}
	if act.rows != nil {
		c.rows = next()
	}
	return c
}
