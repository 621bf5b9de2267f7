package bart

import (
	"github.com/gomlx/gomlx/core/graph"

	"github.com/gopeft/gopeft/models/arch"
	"github.com/gopeft/gopeft/peft/seam"
)

// eps of the norms is torch's default.
const eps = 1e-5

// before counts the rows of the learned positions that stand for none.
const before = 2

// bottom is what a stack does to its token embeddings: it adds learned positions and norms the sum.
type bottom struct {
	path              string // of the stack, as "model.encoder"
	hidden, positions int
	dropout           float64
}

func (b *bottom) places() string { return b.path + ".embed_positions" }
func (b *bottom) norm() string   { return b.path + ".layernorm_embedding" }

func (b *bottom) layout(l *arch.Layout, blocks []seam.Site) {
	l.Embedding(b.places(), "positions", b.positions+before, b.hidden)
	l.Sites = append(l.Sites, blocks...)
	l.Values = append(l.Values, arch.SiteValues(blocks)...)
	l.Norm(b.norm(), -1, b.hidden, true)
}

func (b *bottom) forward(c *seam.Call, seq seam.Sequence) *seam.Node {
	at := graph.AddScalar(seq.PositionIDs(), before)
	x := c.Norm(b.norm(), graph.Add(seq.Embeds, c.Embedding(b.places(), at)), eps)
	return c.Dropout(x, b.dropout)
}

type encoderStack struct {
	bottom
	blocks arch.EncoderBlocks
}

// Layout implements arch.EncoderStack.
func (s *encoderStack) Layout(l *arch.Layout) { s.layout(l, s.blocks.Sites()) }

// Forward implements arch.EncoderStack.
func (s *encoderStack) Forward(c *seam.Call, seq seam.Sequence) *seam.Node {
	return s.blocks.Forward(c, s.forward(c, seq), seq.Mask)
}

type decoderStack struct {
	bottom
	blocks arch.MemoryBlocks
}

// Layout implements arch.MemoryStack.
func (s *decoderStack) Layout(l *arch.Layout) { s.layout(l, s.blocks.Sites()) }

// Forward implements arch.MemoryStack.
func (s *decoderStack) Forward(c *seam.Call, seq seam.Sequence, from arch.Memory) *seam.Node {
	return s.blocks.Forward(c, s.forward(c, seq), seq.Mask, from)
}
