package prefix

import (
	"fmt"

	"github.com/gomlx/gomlx/core/graph"

	"github.com/gopeft/gopeft/peft/seam"
	"github.com/gopeft/gopeft/prompt"
)

// method is a validated prefix tuning.
type method struct{ c Config }

var (
	_ seam.InputHook     = (*method)(nil)
	_ seam.AttentionHook = (*method)(nil)
	_ seam.Prompter      = (*method)(nil)
	_ seam.SavedPrefixer = (*method)(nil)
	_ seam.Exporter      = (*method)(nil)
	_ seam.Starter       = (*method)(nil)
)

// GraphKey implements seam.Method.
func (m *method) GraphKey() string { return fmt.Sprint(prompt.KeepsTypes(m.c.TaskType)) }

// VirtualTokens implements seam.Prompter.
func (m *method) VirtualTokens() int { return m.c.VirtualTokens() }

// SavedPrefix implements seam.SavedPrefixer.
func (m *method) SavedPrefix() string { return m.c.SavedPrefix() }

// Plan implements seam.Method.
func (m *method) Plan(b *seam.Blueprint) (*seam.Plan, error) {
	stack, err := stackOf(b.Info, b.Sites)
	if err != nil {
		return nil, err
	}
	v, err := m.c.Fill(stack.virtual())
	if err != nil {
		return nil, err
	}
	plan := &seam.Plan{Sites: []string{stack.input.Path}}
	for _, s := range stack.attentions {
		plan.Sites = append(plan.Sites, s.Path)
	}
	if plan.Params = m.projection(v); !m.c.Projection || b.Loaded { // a file has what was projected
		p := prompt.Param(v.Tokens, 2*v.Layers*v.TokenDim)
		if m.c.Init == zero {
			p.Init = nil
		}
		plan.Params = []seam.Param{p}
	}
	return plan, nil
}

// Input implements seam.InputHook: positions move behind the prefix.
func (m *method) Input(_ *seam.At, in seam.Sequence) seam.Sequence {
	in.Start += m.c.Tokens
	if in.Types != nil && !prompt.KeepsTypes(m.c.TaskType) {
		in.Types = graph.ZerosLike(in.Types)
	}
	return in
}

// Attention implements seam.AttentionHook.
func (m *method) Attention(at *seam.At, kv seam.KV) seam.KV {
	s := at.Site
	all := graph.Reshape(m.prefix(at), m.c.Tokens, -1, s.Heads, s.HeadDim) // layer i has its keys at 2i, its values behind
	i := 2 * entry(at.Info(), s.Layer)
	return seam.KV{
		K:     prompt.Before(column(all, i), kv.K),
		V:     prompt.Before(column(all, i+1), kv.V),
		Mask:  prompt.Attended(m.c.Tokens, kv.Mask),
		Start: kv.Start,
	}
}

// column takes x[:, i] of x [n, …].
func column(x *seam.Node, i int) *seam.Node {
	return graph.Squeeze(graph.Slice(x, graph.AxisRange(), graph.AxisElem(i)), 1)
}
