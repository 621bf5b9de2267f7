package shadow

import (
	"fmt"
	"math"
	"slices"

	"github.com/gomlx/gomlx/core/graph"

	"github.com/gopeft/gopeft/peft/seam"
)

// method is ShadowPEFT with resolved settings.
type method struct{ c Config }

var (
	_ seam.BlockHook   = (*method)(nil)
	_ seam.Initializer = (*method)(nil)
	_ seam.Regularizer = (*method)(nil)
	_ seam.Starter     = (*method)(nil)
)

// GraphKey implements seam.Method.
func (m *method) GraphKey() string {
	return fmt.Sprintf("alpha=%g,dropout=%g,loss=%g,task=%s,share=%t,sizes=%v", m.c.Alpha, m.c.Dropout, m.c.LossWeight, m.c.TaskType, *m.c.ShareEmbeddings, m.sizes())
}

// Enter implements seam.BlockHook: it corrects the block's input by how far it is from the state.
func (m *method) Enter(at *seam.At, x *seam.Node) *seam.Node {
	delta := graph.Sub(x, m.before(at))
	delta = at.Dropout(delta, m.c.Dropout)
	delta = at.Dense(at.Dense(delta, at.Param(nameDown)), at.Param(nameUp))
	return graph.Add(x, graph.MulScalar(delta, m.c.Alpha))
}

// Leave implements seam.BlockHook: it moves the state on, and leaves the output as it is.
func (m *method) Leave(at *seam.At, y *seam.Node) *seam.Node {
	if blocks := at.SitesWith(nameDown); blocks[len(blocks)-1] == at.Site.Path {
		return y
	}
	at.Once("state behind "+at.Site.Path, func() *seam.Node {
		g := graph.Sigmoid(twoLayers(at, gate, y))
		state := m.before(at)
		return graph.Add(state, graph.Mul(g, graph.Sub(twoLayers(at, transform, y), state)))
	})
	return y
}

// before gives the state in front of a block [batch, columns, hidden].
func (m *method) before(at *seam.At) *seam.Node {
	blocks := at.SitesWith(nameDown)
	i := slices.Index(blocks, at.Site.Path)
	if i == 0 {
		return m.first(at)
	}
	return at.Once("state behind "+blocks[i-1], func() *seam.Node {
		panic(fmt.Errorf("the model asks at %s before %s is done", at.Site.Path, blocks[i-1]))
	})
}

// first gives the state in front of the first block: what the small network makes of the text.
func (m *method) first(at *seam.At) *seam.Node {
	return at.Once("state", func() *seam.Node {
		small, seq, hidden := at.Mirror(m.sizes()), at.Sequence(), at.Info().Hidden
		if !m.shares(small, hidden) {
			ids := at.Argument("input_ids")
			d := seq.Embeds.Shape().Dimensions
			if ids == nil || ids.Shape().Dimensions[1] != d[1] {
				panic(&seam.UnsupportedError{Type: "SHADOW", Option: "token embeddings of its own beside an adapter that adds columns to the input"})
			}
			seq.Embeds = at.Lookup(at.Global(nameMirror+small.Words+".weight"), ids)
			if small.EmbedScale != 0 {
				seq.Embeds = graph.MulScalar(seq.Embeds, small.EmbedScale)
			}
		}
		state := at.RunMirror(small, nameMirror, seq)
		if at.HasGlobal(nameWiden) {
			state = at.Dense(state, at.Global(nameWiden))
		}
		return state
	})
}

// twoLayers is a linear map, GELU and a linear map.
func twoLayers(at *seam.At, net string, x *seam.Node) *seam.Node {
	layer := func(x *seam.Node, i string) *seam.Node {
		y := at.Dense(x, at.Param(net+i+".weight"))
		return graph.Add(y, at.Spread(at.Param(net+i+".bias"), y))
	}
	x = layer(x, "0")
	x = graph.Mul(graph.MulScalar(x, 0.5), graph.AddScalar(graph.Erf(graph.MulScalar(x, 1/math.Sqrt2)), 1))
	return layer(x, "2")
}

// StartError implements seam.Starter.
func (m *method) StartError() (bound float64, why string) {
	if !*m.c.InitWeights {
		return math.Inf(1), "the correction of each block's input is random"
	}
	return 0, ""
}
