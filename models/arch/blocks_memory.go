package arch

import "github.com/gopeft/gopeft/peft/seam"

// MemoryBlocks is a stack of decoder layers (Vaswani et al. 2017, arXiv:1706.03762): those of EncoderBlocks, each with
// attention to an encoder's output between the attention to the sequence itself and the feed-forward. The family sets
// Causal.
type MemoryBlocks struct {
	EncoderBlocks
	// Cross names the attention to the encoder, under the block's path; Up and Down are not looked at.
	Cross BlockNames
}

// cross gives the full paths of block i's attention to the encoder.
func (m *MemoryBlocks) cross(i int) BlockNames {
	e := m.EncoderBlocks
	e.Names = m.Cross
	return e.names(i)
}

// Sites lists the places of every block.
func (m *MemoryBlocks) Sites() []seam.Site {
	var out []seam.Site
	for i := range m.Layers {
		n := m.names(i)
		out = append(out, m.attentionSites(i, "attention", "", n)...)
		out = append(out, m.attentionSites(i, "cross-attention", "cross-", m.cross(i))...)
		out = append(out, m.feedForwardSites(i, n)...)
	}
	return out
}

// Forward runs the blocks on x [batch, columns, hidden] with its mask [batch, columns]. Graph-building.
func (m *MemoryBlocks) Forward(c *seam.Call, x, mask *seam.Node, from Memory) *seam.Node {
	for i := range m.Layers {
		n, cross := m.names(i), m.cross(i)
		x = m.selfAttention(c, n, x, mask)
		x = m.sublayer(c, cross.Output, m.OutputDropout, x, func(x *seam.Node) *seam.Node {
			q := Split(c.Linear(cross.Query, x), m.Heads)
			kv := c.Memory(cross.Attention, func() seam.KV { return from.Keys(c, cross.Key, cross.Value, m.Heads) })
			return Attend(c, q, kv, AttentionOptions{Dropout: m.AttentionDropout})
		})
		x = m.feedForward(c, n, x)
	}
	return x
}
