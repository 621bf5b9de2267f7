package hooks

import (
	"encoding/json"

	"github.com/gomlx/gomlx/core/graph"

	"github.com/gopeft/gopeft/peft"
)

// Prefix is prefix tuning: every attention sees learned keys and values in front of its own, and the tokens' positions
// move behind them. The values [n, 2 layers, heads, width] hold the key of layer i at 2i and its value at 2i+1; heads
// are those of keys and values, where queries have more.
type Prefix struct {
	peft.Common
	Virtual

	EncoderHidden int             `json:"encoder_hidden_size" default:"null"` // of the projection, kept for the file
	InitWeights   json.RawMessage `json:"init_weights" default:"null"`        // kept for the file
}

func init() {
	peft.Register(peft.Spec{New: func() peft.Config { return new(Prefix) }, Fixed: map[string]string{"prefix_projection": "false"}})
}

// PEFTType implements peft.Config.
func (*Prefix) PEFTType() string { return "PREFIX_TUNING" }

// Method implements peft.Config.
func (c *Prefix) Method() (peft.Method, error) { return &prefix{c.Virtual}, c.check() }

type prefix struct{ Virtual }

var (
	_ peft.InputHook     = (*prefix)(nil)
	_ peft.AttentionHook = (*prefix)(nil)
	_ peft.Prompter      = (*prefix)(nil)
)

func (m *prefix) GraphKey() string { return "" }

func (m *prefix) Plan(b *peft.Blueprint) (*peft.Plan, error) {
	plan, width := &peft.Plan{}, 0
	for _, s := range append(b.OfKind(peft.Input), b.OfKind(peft.Attention)...) {
		plan.Sites = append(plan.Sites, s.Path)
		width += 2 * s.Heads * s.HeadDim
	}
	plan.Params = []peft.Param{m.param(width)}
	return plan, nil
}

func (m *prefix) Input(_ *peft.At, in peft.Sequence) peft.Sequence {
	in.Start += m.Tokens
	return in
}

func (m *prefix) Attention(at *peft.At, kv peft.KV) peft.KV {
	s := at.Site
	all := graph.Reshape(at.Global(embeddings), m.Tokens, -1, s.Heads, s.HeadDim)
	of := func(i int) *peft.Node {
		return graph.Squeeze(graph.Slice(all, graph.AxisRange(), graph.AxisElem(i)), 1)
	}
	return peft.KV{
		K:    before(of(2*s.Layer), kv.K),
		V:    before(of(2*s.Layer+1), kv.V),
		Mask: unmasked(kv.Mask, m.Tokens),
	}
}
