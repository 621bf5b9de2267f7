package arch

import (
	"github.com/gomlx/gomlx/core/graph"

	"github.com/gopeft/gopeft/peft/seam"
)

// LlamaBlocks is the stack of Llama (Touvron et al. 2023, arXiv:2302.13971) and its relatives: in each block a norm,
// grouped-query attention with rotary positions, a norm and a gated feed-forward (Shazeer 2020, arXiv:2002.05202), both
// added to what came in; a norm at the end. It implements DecoderStack.
type LlamaBlocks struct {
	// Prefix of all paths: "model." or "".
	Prefix                 string
	Layers, Hidden, Inner  int
	Heads, Groups, HeadDim int // Groups of heads share keys and values
	Eps                    float64
	Activation             func(*seam.Node) *seam.Node
	Rotary                 Rotary
	// Biases of the maps to queries, keys and values, from attention, and of the feed-forward.
	InputBias, OutputBias, InnerBias bool
	// HeadNorms puts a norm on each head of queries and keys.
	HeadNorms bool
	// PostNorms puts a norm behind each sub-layer too, before it is added, under Gemma 2's names.
	PostNorms bool
	// NormsLessOne says that weights of norms are kept less 1, as Gemma's.
	NormsLessOne bool
	// Fused says that one map makes queries, keys and values, and one the two halves of the gated feed-forward, as Phi-3's.
	Fused bool
	// Scores says how attention weighs what it sees; the window is Window's.
	Scores CausalOptions
	// OutputDropout is that of both sub-layers' outputs, while training.
	OutputDropout float64
	// Window says how many columns the attention of a block sees; nil or 0 means all.
	Window func(block int) int
}

var _ DecoderStack = (*LlamaBlocks)(nil)

// Forward implements DecoderStack.
func (b *LlamaBlocks) Forward(c *seam.Call, seq seam.Sequence) *seam.Node {
	x := seq.Embeds
	turn := b.Rotary.Table(seq)
	for i := range b.Layers {
		n := b.names(i)
		x = c.EnterBlock(n.block, x)
		x = b.sublayer(c, n, "attention", n.norm, n.postNorm, x, func(x *seam.Node) *seam.Node {
			return b.attention(c, i, x, seq.Mask, turn)
		})
		x = b.sublayer(c, n, "feedforward", n.innerNorm, n.innerPostNorm, x, func(x *seam.Node) *seam.Node {
			gate, up := b.gateUp(c, n.mlp, x)
			return c.Linear(n.mlp+".down_proj", graph.Mul(b.Activation(gate), up))
		})
		x = c.LeaveBlock(n.block, x)
	}
	return b.norm(c, b.Prefix+"norm", x)
}

// sublayer is f of the normed x, normed again where the family does, and what adapters make of it, added to x.
func (b *LlamaBlocks) sublayer(c *seam.Call, n llamaNames, role, before, after string, x *seam.Node, f func(*seam.Node) *seam.Node) *seam.Node {
	return Residual(c, n.block, role, x, b.norm(c, before, x), func(x *seam.Node) *seam.Node {
		x = f(x)
		if b.PostNorms {
			x = b.norm(c, after, x)
		}
		return c.Dropout(x, b.OutputDropout)
	})
}

func (b *LlamaBlocks) norm(c *seam.Call, path string, x *seam.Node) *seam.Node {
	if b.NormsLessOne {
		return c.RMSNormLessOne(path, x, b.Eps)
	}
	return c.RMSNorm(path, x, b.Eps)
}

func (b *LlamaBlocks) attention(c *seam.Call, i int, x, mask *seam.Node, turn RotaryTable) *seam.Node {
	self := b.names(i).self
	q, k, v := b.queriesKeysValues(c, self, x)
	if b.HeadNorms {
		q, k = b.norm(c, self+".q_norm", q), b.norm(c, self+".k_norm", k)
	}
	kv := c.Attention(self, seam.KV{K: turn.Turn(k), V: v, Mask: mask})
	o := b.Scores
	if b.Window != nil {
		o.Window = b.Window(i)
	}
	return c.Linear(self+".o_proj", CausalAttend(c, turn.Turn(q), kv, o))
}

// queriesKeysValues are split into heads.
func (b *LlamaBlocks) queriesKeysValues(c *seam.Call, self string, x *seam.Node) (q, k, v *seam.Node) {
	if b.Fused {
		all, queries, keys := c.Linear(self+".qkv_proj", x), b.Heads*b.HeadDim, b.Groups*b.HeadDim
		q, k, v = Columns(all, 0, queries), Columns(all, queries, queries+keys), Columns(all, queries+keys, queries+2*keys)
	} else {
		q, k, v = c.Linear(self+".q_proj", x), c.Linear(self+".k_proj", x), c.Linear(self+".v_proj", x)
	}
	return Split(q, b.Heads), Split(k, b.Groups), Split(v, b.Groups)
}

func (b *LlamaBlocks) gateUp(c *seam.Call, mlp string, x *seam.Node) (gate, up *seam.Node) {
	if b.Fused {
		both := c.Linear(mlp+".gate_up_proj", x)
		return Columns(both, 0, b.Inner), Columns(both, b.Inner, 2*b.Inner)
	}
	return c.Linear(mlp+".gate_proj", x), c.Linear(mlp+".up_proj", x)
}
