package gpt2

import (
	"strconv"

	"github.com/gomlx/gomlx/core/graph"

	"github.com/gopeft/gopeft/models/arch"
	"github.com/gopeft/gopeft/peft/seam"
)

// blocks are GPT-2's learned positions, pre-norm blocks and last norm.
type blocks struct {
	prefix                                           string // "transformer." or ""
	layers, hidden, inner, heads, headDim, positions int
	eps, scale                                       float64 // scale of attention's scores
	byDepth                                          bool    // divide the scale by the block's number too
	activation                                       func(*seam.Node) *seam.Node
	// Dropout shares: of sub-layers' outputs, of the embeddings, of attention's probabilities.
	drop, inputDrop, attentionDrop float64
}

func (b *blocks) block(i int) string { return b.prefix + "h." + strconv.Itoa(i) }

// Layout implements arch.DecoderStack.
func (b *blocks) Layout(l *arch.Layout) {
	h := b.hidden
	l.Embedding(b.prefix+"wpe", "positions", b.positions, h)
	for i := range b.layers {
		at := b.block(i)
		conv1D := func(path, role string, in, out int) {
			l.Linear(seam.Site{Path: at + path, Role: role, Layer: i, In: in, Out: out, FanInFanOut: true}, true)
		}
		l.Place(arch.Block(at, i, h))
		l.Norm(at+".ln_1", i, h, true)
		l.Place(seam.Site{Path: at + ".attn", Kind: seam.Attention, Role: "attention", Layer: i, In: h, Out: h, Heads: b.heads, HeadDim: b.headDim})
		conv1D(".attn.c_attn", "qkv", h, 3*h)
		conv1D(".attn.c_proj", "output", h, h)
		l.Place(arch.PreNormSublayer(at, "attention", i, h))
		l.Norm(at+".ln_2", i, h, true)
		conv1D(".mlp.c_fc", "up", h, b.inner)
		conv1D(".mlp.c_proj", "down", b.inner, h)
		l.Place(arch.PreNormSublayer(at, "feedforward", i, h))
	}
	l.Norm(b.prefix+"ln_f", -1, h, true)
}

// Forward implements arch.DecoderStack.
func (b *blocks) Forward(c *seam.Call, seq seam.Sequence) *seam.Node {
	x := c.Dropout(graph.Add(seq.Embeds, c.Embedding(b.prefix+"wpe", seq.PositionIDs())), b.inputDrop)
	for i := range b.layers {
		at := b.block(i)
		x = c.EnterBlock(at, x)
		x = arch.Residual(c, at, "attention", x, c.Norm(at+".ln_1", x, b.eps), func(x *seam.Node) *seam.Node {
			return c.Dropout(c.Linear(at+".attn.c_proj", b.attention(c, i, x, seq.Mask)), b.drop)
		})
		x = arch.Residual(c, at, "feedforward", x, c.Norm(at+".ln_2", x, b.eps), func(x *seam.Node) *seam.Node {
			return c.Dropout(c.Linear(at+".mlp.c_proj", b.activation(c.Linear(at+".mlp.c_fc", x))), b.drop)
		})
		x = c.LeaveBlock(at, x)
	}
	return c.Norm(b.prefix+"ln_f", x, b.eps)
}

func (b *blocks) attention(c *seam.Call, i int, x, mask *seam.Node) *seam.Node {
	path := b.block(i) + ".attn"
	qkv := c.Linear(path+".c_attn", x)
	part := func(k int) *seam.Node {
		return arch.Split(arch.Columns(qkv, k*b.hidden, (k+1)*b.hidden), b.heads)
	}
	kv := c.Attention(path, seam.KV{K: part(1), V: part(2), Mask: mask})
	scale := b.scale
	if b.byDepth {
		scale /= float64(i + 1)
	}
	return arch.CausalAttend(c, part(0), kv, arch.CausalOptions{Scale: scale, Dropout: b.attentionDrop})
}
