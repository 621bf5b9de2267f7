package hooks

import (
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"

	"github.com/gopeft/gopeft/peft"
)

// Prompt is prompt tuning: learned embeddings stand in front of the tokens', with positions of their own. As in HF
// PEFT a head that pools the first column then pools a learned one.
type Prompt struct {
	peft.Common
	Virtual
}

func init() {
	peft.Register(peft.Spec{
		New: func() peft.Config { return new(Prompt) },
		Fixed: map[string]string{
			"prompt_tuning_init": `"RANDOM"`, "prompt_tuning_init_text": "null", "tokenizer_kwargs": "null", "tokenizer_name_or_path": "null",
		},
	})
}

// PEFTType implements peft.Config.
func (*Prompt) PEFTType() string { return "PROMPT_TUNING" }

// Method implements peft.Config.
func (c *Prompt) Method() (peft.Method, error) { return &prompt{c.Virtual}, c.check() }

type prompt struct{ Virtual }

var (
	_ peft.InputHook = (*prompt)(nil)
	_ peft.Prompter  = (*prompt)(nil)
)

func (m *prompt) GraphKey() string { return "" }

func (m *prompt) Plan(b *peft.Blueprint) (*peft.Plan, error) {
	plan := &peft.Plan{}
	for _, s := range b.OfKind(peft.Input) {
		plan.Sites = append(plan.Sites, s.Path)
	}
	plan.Params = []peft.Param{m.param(b.Info.Hidden)}
	return plan, nil
}

func (m *prompt) Input(at *peft.At, in peft.Sequence) peft.Sequence {
	in.Embeds = before(at.Global(embeddings), in.Embeds)
	in.Mask = unmasked(in.Mask, m.Tokens)
	if in.Types != nil {
		in.Types = before(graph.Zeros(at.Graph(), shapes.Make(in.Types.DType(), m.Tokens)), in.Types)
	}
	in.Virtual += m.Tokens
	return in
}
