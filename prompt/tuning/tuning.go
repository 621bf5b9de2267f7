package tuning

import (
	"fmt"

	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"

	"github.com/gopeft/gopeft/peft/seam"
	"github.com/gopeft/gopeft/prompt"
)

// method is a validated prompt tuning.
type method struct{ c Config }

var (
	_ seam.InputHook     = (*method)(nil)
	_ seam.Prompter      = (*method)(nil)
	_ seam.SavedPrefixer = (*method)(nil)
	_ seam.Initializer   = (*method)(nil)
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
	return &seam.Plan{Sites: []string{input.Path}, Params: []seam.Param{p}}, nil
}

// virtual are the fields as a backbone has them. An encoder-decoder may be counted as one submodule, too: the prompt
// stands before the first alone.
func (m *method) virtual(info seam.Info, input seam.Site) prompt.Virtual {
	v := prompt.Virtual{TokenDim: input.Out, Heads: info.Heads, Layers: info.Layers, Submodules: 1}
	if prompt.Generates(info) && m.c.Submodules != 1 && (m.c.TaskType == "" || m.c.TaskType == "SEQ_2_SEQ_LM") {
		v.Submodules = 2
	}
	return v
}

// Input implements seam.InputHook.
func (m *method) Input(at *seam.At, in seam.Sequence) seam.Sequence {
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

// Export implements seam.Exporter: the fields that HF PEFT takes from the backbone are written.
func (m *method) Export(cfg seam.Config, in *seam.Export) (seam.Config, seam.Tensors, error) {
	c, ok := cfg.(*Config)
	if !ok {
		return nil, nil, fmt.Errorf("%w: %T is not prompt tuning's config", seam.ErrConfig, cfg)
	}
	input, err := prompt.Input("input", c.PEFTType(), in.Info, in.Sites)
	if err != nil {
		return nil, nil, err
	}
	c.Virtual, err = c.Fill(m.virtual(in.Info, input))
	return c, in.Values, err
}
