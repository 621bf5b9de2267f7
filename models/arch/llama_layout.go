package arch

import (
	"strconv"

	"github.com/gopeft/gopeft/peft/seam"
)

// llamaNames are the paths of a block's parts.
type llamaNames struct {
	block, self, mlp, norm, postNorm, innerNorm, innerPostNorm string
}

// names gives the paths of block i. With norms behind sub-layers, the one that Llama calls post_attention_layernorm, in
// front of the feed-forward, is what its name says.
func (b *LlamaBlocks) names(i int) llamaNames {
	at := b.Prefix + "layers." + strconv.Itoa(i)
	n := llamaNames{block: at, self: at + ".self_attn", mlp: at + ".mlp", norm: at + ".input_layernorm", innerNorm: at + ".post_attention_layernorm"}
	if b.PostNorms {
		n.postNorm, n.innerNorm, n.innerPostNorm = n.innerNorm, at+".pre_feedforward_layernorm", at+".post_feedforward_layernorm"
	}
	return n
}

// Layout implements DecoderStack.
func (b *LlamaBlocks) Layout(l *Layout) {
	h, inner, queries, keys := b.Hidden, b.Inner, b.Heads*b.HeadDim, b.Groups*b.HeadDim
	for i := range b.Layers {
		n := b.names(i)
		linear := func(path, role string, in, out int, bias bool) {
			l.Linear(seam.Site{Path: path, Role: role, Layer: i, In: in, Out: out}, bias)
		}
		l.Place(Block(n.block, i, h))
		l.Place(seam.Site{Path: n.self, Kind: seam.Attention, Role: "attention", Layer: i, In: h, Out: h, Heads: b.Groups, HeadDim: b.HeadDim})
		if b.Fused {
			linear(n.self+".o_proj", "output", queries, h, b.OutputBias)
			linear(n.self+".qkv_proj", "qkv", h, queries+2*keys, b.InputBias)
		} else {
			linear(n.self+".q_proj", "query", h, queries, b.InputBias)
			linear(n.self+".k_proj", "key", h, keys, b.InputBias)
			linear(n.self+".v_proj", "value", h, keys, b.InputBias)
			linear(n.self+".o_proj", "output", queries, h, b.OutputBias)
		}
		if b.HeadNorms {
			b.layoutNorm(l, n.self+".q_norm", i, b.HeadDim)
			b.layoutNorm(l, n.self+".k_norm", i, b.HeadDim)
		}
		if b.Fused {
			linear(n.mlp+".gate_up_proj", "gate-up", h, 2*inner, b.InnerBias)
		} else {
			linear(n.mlp+".gate_proj", "gate", h, inner, b.InnerBias)
			linear(n.mlp+".up_proj", "up", h, inner, b.InnerBias)
		}
		linear(n.mlp+".down_proj", "down", inner, h, b.InnerBias)
		for _, path := range []string{n.norm, n.postNorm, n.innerNorm, n.innerPostNorm} {
			if path != "" {
				b.layoutNorm(l, path, i, h)
			}
		}
		l.Place(PreNormSublayer(n.block, "attention", i, h))
		l.Place(PreNormSublayer(n.block, "feedforward", i, h))
	}
	b.layoutNorm(l, b.Prefix+"norm", -1, h)
}

func (b *LlamaBlocks) layoutNorm(l *Layout, path string, layer, width int) {
	l.Norm(path, layer, width, false)
	if b.NormsLessOne {
		w := &l.Values[len(l.Values)-1]
		w.Ones, w.Zeros = false, true
	}
}
