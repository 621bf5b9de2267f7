package tuning

import (
	"fmt"

	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"

	"github.com/gopeft/gopeft/peft"
	"github.com/gopeft/gopeft/prompt"
)

// method is a validated prompt tuning.
type method struct{ c Config }

var (
	_ peft.InputHook     = (*method)(nil)
	_ peft.Prompter      = (*method)(nil)
	_ peft.SavedPrefixer = (*method)(nil)
	_ peft.Initializer   = (*method)(nil)
	_ peft.Exporter      = (*method)(nil)
	_ peft.Starter       = (*method)(nil)
)

// GraphKey implements peft.Method.
func (m *method) GraphKey() string { return fmt.Sprint(prompt.KeepsTypes(m.c.TaskType)) }

// VirtualTokens implements peft.Prompter.
func (m *method) VirtualTokens() int { return m.c.VirtualTokens() }

// SavedPrefix implements peft.SavedPrefixer.
func (m *method) SavedPrefix() string { return m.c.SavedPrefix() }

// Plan implements peft.Method.
func (m *method) Plan(b *peft.Blueprint) (*peft.Plan, error) {
	input, err := prompt.Input("input", m.c.PEFTType(), b.Info, b.Sites)
	if err != nil {
		return nil, err
	}
	v, err := m.c.Fill(m.virtual(b.Info, input))
	if err != nil {
		return nil, err
	}
	p := prompt.Param(v.Tokens*v.Submodules, v.TokenDim)
	if m.c.Init != Random {
		p.Init = nil // see Initialize
	}
	return &peft.Plan{Sites: []string{input.Path}, Params: []peft.Param{p}}, nil
}

// virtual are the fields as a backbone has them. An encoder-decoder may be counted as one submodule, too: the prompt
// stands before the first alone.
func (m *method) virtual(info peft.Info, input peft.Site) prompt.Virtual {
	v := prompt.Virtual{TokenDim: input.Out, Heads: info.Heads, Layers: info.Layers, Submodules: 1}
	if prompt.Generates(info) && m.c.Submodules != 1 && (m.c.TaskType == "" || m.c.TaskType == "SEQ_2_SEQ_LM") {
		v.Submodules = 2
	}
	return v
}

// Input implements peft.InputHook.
func (m *method) Input(at *peft.At, in peft.Sequence) peft.Sequence {
	first := graph.Slice(at.Global(prompt.Embeddings), graph.AxisRange(0, m.c.Tokens))
	in.Embeds = prompt.Before(first, in.Embeds)
	in.Mask = prompt.Attended(m.c.Tokens, in.Mask)
	if in.Types != nil {
		if !prompt.KeepsTypes(m.c.TaskType) {
			in.Types = graph.ZerosLike(in.Types)
		}
		in.Types = prompt.Before(graph.Zeros(at.Graph(), shapes.Make(in.Types.DType(), m.c.Tokens)), in.Types)
	}
	in.Virtual += m.c.Tokens
	return in
}

// Export implements peft.Exporter: the fields that HF PEFT takes from the backbone are written.
func (m *method) Export(cfg peft.Config, in *peft.Export) (peft.Config, peft.Tensors, error) {
	c, ok := cfg.(*Config)
	if !ok {
		return nil, nil, fmt.Errorf("%w: %T is not prompt tuning's config", peft.ErrConfig, cfg)
	}
	input, err := prompt.Input("input", c.PEFTType(), in.Info, in.Sites)
	if err != nil {
		return nil, nil, err
	}
	c.Virtual, err = c.Fill(m.virtual(in.Info, input))
	return c, in.Values, err
}
