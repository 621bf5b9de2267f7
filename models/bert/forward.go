package bert

import (
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"

	"github.com/gopeft/gopeft/models/arch"
	"github.com/gopeft/gopeft/peft"
)

// Forward implements peft.Model.
func (n *network) Forward(c *peft.Call, in peft.Nodes) peft.Nodes {
	mask := tokenMask(in)
	x, seq := n.embed(c, in["input_ids"], in["token_type_ids"], mask)
	for i := range n.info.Layers {
		x = n.block(c, n.layer(i), x, seq.Mask)
	}
	return n.head(c, in, x, seq)
}

// tokenMask is attention_mask as booleans, all true where it is not given.
func tokenMask(in peft.Nodes) *peft.Node {
	if m := in["attention_mask"]; m != nil {
		if m.DType() == dtypes.Bool {
			return m
		}
		return graph.NotEqual(m, graph.ZerosLike(m))
	}
	ids := in["input_ids"]
	return graph.Equal(ids, ids)
}

// embed is words + positions + types, normed. Adapters may put columns in front of the words.
func (n *network) embed(c *peft.Call, ids, types, mask *peft.Node) (*peft.Node, peft.Sequence) {
	emb := n.prefix + "embeddings"
	if types == nil {
		types = graph.ZerosLike(ids)
	}
	seq := c.Input(emb, peft.Sequence{Embeds: c.Embedding(emb+".word_embeddings", ids), Mask: mask, Types: types})
	d := seq.Embeds.Shape().Dimensions
	x := graph.Add(seq.Embeds, c.Embedding(emb+".token_type_embeddings", seq.Types))
	at := graph.AddScalar(graph.Iota(c.Graph(), shapes.Make(dtypes.Int32, d[0], d[1]), 1), seq.Start)
	x = graph.Add(x, c.Embedding(emb+".position_embeddings", at))
	return c.Dropout(c.Norm(emb+".LayerNorm", x, n.eps), n.drop), seq
}

// block is one layer: attention and feed-forward, each added to its input and normed.
func (n *network) block(c *peft.Call, path string, x, mask *peft.Node) *peft.Node {
	self := path + ".attention.self"
	q := arch.Split(c.Linear(self+".query", x), n.info.Heads)
	kv := c.Attention(self, peft.KV{
		K: arch.Split(c.Linear(self+".key", x), n.info.Heads), V: arch.Split(c.Linear(self+".value", x), n.info.Heads), Mask: mask,
	})
	h := arch.Attend(c, q, kv, arch.AttentionOptions{Dropout: n.attnDrop})
	x = n.close(c, path+".attention.output", x, h)
	return n.close(c, path+".output", x, n.activation(c.Linear(path+".intermediate.dense", x)))
}

// close ends a sub-layer: projection, adapters, residual, norm.
func (n *network) close(c *peft.Call, path string, residual, h *peft.Node) *peft.Node {
	norm := func(x *peft.Node) *peft.Node { return c.Norm(path+".LayerNorm", x, n.eps) }
	h = c.Dropout(c.Linear(path+".dense", h), n.drop)
	h = c.Sublayer(path, peft.SublayerIO{X: residual, Residual: residual, Norm: norm}, h)
	return norm(graph.Add(h, residual))
}
