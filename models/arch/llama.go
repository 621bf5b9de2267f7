package arch

import (
	"strconv"

	"github.com/gomlx/gomlx/core/graph"

	"github.com/gopeft/gopeft/peft"
)

// LlamaBlocks is the stack of Llama (Touvron et al. 2023, arXiv:2302.13971) and its relatives: in each block a norm,
// grouped-query attention with rotary positions, a norm and a gated feed-forward (Shazeer 2020, arXiv:2002.05202), both
// added to what came in; a norm at the end. It implements DecoderStack.
type LlamaBlocks struct {
	// Prefix of all paths: "model." or "".
	Prefix                 string
	Layers, Hidden, Inner  int
	Heads, Groups, HeadDim int // Groups of heads share keys and values
	Eps, AttentionDropout  float64
	Activation             func(*peft.Node) *peft.Node
	Rotary                 Rotary
	// Biases of the maps to queries, keys and values, from attention, and of the feed-forward.
	InputBias, OutputBias, InnerBias bool
	// HeadNorms puts a norm on each head of queries and keys.
	HeadNorms bool
	// Window says how many columns the attention of a block sees; nil or 0 means all.
	Window func(block int) int
}

var _ DecoderStack = (*LlamaBlocks)(nil)

func (b *LlamaBlocks) block(i int) string { return b.Prefix + "layers." + strconv.Itoa(i) }

// Layout implements DecoderStack.
func (b *LlamaBlocks) Layout(l *Layout) {
	h, inner, queries, keys := b.Hidden, b.Inner, b.Heads*b.HeadDim, b.Groups*b.HeadDim
	for i := range b.Layers {
		at := b.block(i)
		self, mlp := at+".self_attn", at+".mlp"
		linear := func(path, role string, in, out int, bias bool) {
			l.Linear(peft.Site{Path: path, Role: role, Layer: i, In: in, Out: out}, bias)
		}
		l.Place(peft.Site{Path: self, Kind: peft.Attention, Role: "attention", Layer: i, In: h, Out: h, Heads: b.Groups, HeadDim: b.HeadDim})
		linear(self+".q_proj", "query", h, queries, b.InputBias)
		linear(self+".k_proj", "key", h, keys, b.InputBias)
		linear(self+".v_proj", "value", h, keys, b.InputBias)
		linear(self+".o_proj", "output", queries, h, b.OutputBias)
		if b.HeadNorms {
			l.Norm(self+".q_norm", i, b.HeadDim, false)
			l.Norm(self+".k_norm", i, b.HeadDim, false)
		}
		linear(mlp+".gate_proj", "gate", h, inner, b.InnerBias)
		linear(mlp+".up_proj", "up", h, inner, b.InnerBias)
		linear(mlp+".down_proj", "down", inner, h, b.InnerBias)
		l.Norm(at+".input_layernorm", i, h, false)
		l.Norm(at+".post_attention_layernorm", i, h, false)
		l.Place(PreNormSublayer(at, "attention", i, h))
		l.Place(PreNormSublayer(at, "feedforward", i, h))
	}
	l.Norm(b.Prefix+"norm", -1, h, false)
}

// Forward implements DecoderStack.
func (b *LlamaBlocks) Forward(c *peft.Call, seq peft.Sequence) *peft.Node {
	x := seq.Embeds
	turn := b.Rotary.Table(c.Graph(), seq.Start, x.Shape().Dimensions[1])
	norm := func(path string, x *peft.Node) *peft.Node { return c.RMSNorm(path, x, b.Eps) }
	for i := range b.Layers {
		at := b.block(i)
		x = Residual(c, at, "attention", x, norm(at+".input_layernorm", x), func(x *peft.Node) *peft.Node {
			return b.attention(c, i, x, seq.Mask, turn)
		})
		x = Residual(c, at, "feedforward", x, norm(at+".post_attention_layernorm", x), func(x *peft.Node) *peft.Node {
			gate := b.Activation(c.Linear(at+".mlp.gate_proj", x))
			return c.Linear(at+".mlp.down_proj", graph.Mul(gate, c.Linear(at+".mlp.up_proj", x)))
		})
	}
	return norm(b.Prefix+"norm", x)
}

func (b *LlamaBlocks) attention(c *peft.Call, i int, x, mask *peft.Node, turn RotaryTable) *peft.Node {
	self := b.block(i) + ".self_attn"
	q, k := Split(c.Linear(self+".q_proj", x), b.Heads), Split(c.Linear(self+".k_proj", x), b.Groups)
	if b.HeadNorms {
		q, k = c.RMSNorm(self+".q_norm", q, b.Eps), c.RMSNorm(self+".k_norm", k, b.Eps)
	}
	kv := c.Attention(self, peft.KV{K: turn.Turn(k), V: Split(c.Linear(self+".v_proj", x), b.Groups), Mask: mask})
	o := CausalOptions{Dropout: b.AttentionDropout}
	if b.Window != nil {
		o.Window = b.Window(i)
	}
	return c.Linear(self+".o_proj", CausalAttend(c, turn.Turn(q), kv, o))
}
