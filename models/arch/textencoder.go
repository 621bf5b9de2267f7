package arch

import (
	"github.com/gopeft/gopeft/peft"
)

// TextEncoder is BERT or a relative of it: token embeddings, encoder blocks and a head. A family fills one in from a config.
// It implements Network.
type TextEncoder struct {
	About   peft.Info
	Embed   TokenEmbeddings
	Blocks  EncoderBlocks
	Head    Head
	Problem string // problem_type, see SequenceLoss
}

var _ Network = (*TextEncoder)(nil)

// Info implements peft.Model.
func (n *TextEncoder) Info() peft.Info { return n.About }

// Sites implements peft.Model.
func (n *TextEncoder) Sites() []peft.Site { return append(n.body(), n.Head.Sites()...) }

func (n *TextEncoder) body() []peft.Site { return append(n.Embed.Sites(), n.Blocks.Sites()...) }

// Values implements Network.
func (n *TextEncoder) Values() []Value { return append(SiteValues(n.body()), n.Head.Values()...) }

// Forward implements peft.Model.
func (n *TextEncoder) Forward(c *peft.Call, in peft.Nodes) peft.Nodes {
	x, seq := n.Embed.Forward(c, in)
	return n.Head.Outputs(c, in, n.Blocks.Forward(c, x, seq.Mask), seq.Mask)
}

// Check implements peft.Model.
func (n *TextEncoder) Check(in peft.Tensors, virtual int) error {
	arguments := append([]string{"input_ids", "attention_mask"}, labelNames(n.About.Task)...)
	if n.Embed.Types > 0 {
		arguments = append(arguments, "token_type_ids")
	}
	if err := Known(in, arguments...); err != nil {
		return err
	}
	batch, seq, err := Tokens(in, n.About.Vocab, n.About.MaxPositions, virtual)
	if err != nil {
		return err
	}
	if err := Within(in, "token_type_ids", n.Embed.Types); err != nil {
		return err
	}
	return checkTokenLabels(in, n.About, n.Problem, batch, seq, virtual)
}
