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
	input, err := prompt.Input(m.c.PEFTType(), b.Info, b.Sites)
	if err != nil {
		return nil, err
	}
	v, err := m.c.Fill(virtual(b.Info, input))
	if err != nil {
		return nil, err
	}
	p := prompt.Param(v.Tokens*v.Submodules, v.TokenDim)
	if m.c.Init != Random {
		p.Init = nil // see Initialize
	}
	return &peft.Plan{Sites: []string{input.Path}, Params: []peft.Param{p}}, nil
}

// virtual are the fields as a backbone has them.
func virtual(info peft.Info, input peft.Site) prompt.Virtual {
	return prompt.Virtual{TokenDim: input.Out, Heads: info.Heads, Layers: info.Layers, Submodules: 1}
}

// Input implements peft.InputHook.
func (m *method) Input(at *peft.At, in peft.Sequence) peft.Sequence {
	in.Embeds = prompt.Before(at.Global(prompt.Embeddings), in.Embeds)
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
	input, err := prompt.Input(c.PEFTType(), in.Info, in.Sites)
	if err != nil {
		return nil, nil, err
	}
	c.Virtual, err = c.Fill(virtual(in.Info, input))
	return c, in.Values, err
}
