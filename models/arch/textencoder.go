package arch

import "github.com/gopeft/gopeft/peft/seam"

// TextEncoder is BERT or a relative of it: token embeddings, encoder blocks and a head. A family fills one in from a config.
// It implements Network.
type TextEncoder struct {
	About   seam.Info
	Embed   TokenEmbeddings
	Blocks  EncoderBlocks
	Head    Head
	Problem string // problem_type, see SequenceLoss
}

var _ Network = (*TextEncoder)(nil)

// Info implements seam.Model.
func (n *TextEncoder) Info() seam.Info { return n.About }

// Sites implements seam.Model.
func (n *TextEncoder) Sites() []seam.Site { return append(n.body(), n.Head.Sites()...) }

func (n *TextEncoder) body() []seam.Site { return append(n.Embed.Sites(), n.Blocks.Sites()...) }

// Values implements Network.
func (n *TextEncoder) Values() []Value { return append(SiteValues(n.body()), n.Head.Values()...) }

// Forward implements seam.Model.
func (n *TextEncoder) Forward(c *seam.Call, in seam.Nodes) seam.Nodes {
	x, seq := n.Embed.Forward(c, in)
	return n.Head.Outputs(c, in, n.Blocks.Forward(c, x, seq.Mask), seq.Mask)
}

// Check implements seam.Model.
func (n *TextEncoder) Check(in seam.Tensors, virtual int) error {
	arguments := append([]string{"input_ids", "attention_mask"}, labelNames(n.About.Head)...)
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
