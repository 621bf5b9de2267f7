package bert

import (
	"fmt"

	"github.com/gopeft/gopeft/models/arch"
	"github.com/gopeft/gopeft/peft"
)

// layer gives the path of a block.
func (n *network) layer(i int) string { return fmt.Sprintf("%sencoder.layer.%d", n.prefix, i) }

// Values implements arch.Network.
func (n *network) Values() []arch.Value {
	h, emb := n.info.Hidden, n.prefix+"embeddings"
	out := []arch.Value{
		{Path: emb + ".word_embeddings.weight", Shape: []int{n.info.Vocab, h}},
		{Path: emb + ".position_embeddings.weight", Shape: []int{n.positions, h}},
		{Path: emb + ".token_type_embeddings.weight", Shape: []int{n.types, h}},
	}
	out = append(out, arch.Norm(emb+".LayerNorm", h)...)
	for i := range n.info.Layers {
		l := n.layer(i)
		for _, name := range []string{"query", "key", "value"} {
			out = append(out, arch.Linear(l+".attention.self."+name, h, h)...)
		}
		out = append(out, arch.Linear(l+".attention.output.dense", h, h)...)
		out = append(out, arch.Norm(l+".attention.output.LayerNorm", h)...)
		out = append(out, arch.Linear(l+".intermediate.dense", h, n.inner)...)
		out = append(out, arch.Linear(l+".output.dense", n.inner, h)...)
		out = append(out, arch.Norm(l+".output.LayerNorm", h)...)
	}
	return append(out, n.headValues()...)
}

func (n *network) headValues() []arch.Value {
	h := n.info.Hidden
	pooler := arch.Linear(n.prefix+"pooler.dense", h, h)
	switch n.task {
	case arch.Encoder:
		for i := range pooler {
			pooler[i].Optional = true
		}
		return pooler
	case arch.SequenceClass:
		return arch.AsHead(append(pooler, arch.Linear("classifier", h, len(n.info.Labels))...))
	case arch.TokenClass:
		return arch.AsHead(arch.Linear("classifier", h, len(n.info.Labels)))
	case arch.QuestionAnswering:
		return arch.AsHead(arch.Linear("qa_outputs", h, 2))
	}
	lm := "cls.predictions"
	out := arch.Linear(lm+".transform.dense", h, h)
	out = append(out, arch.Norm(lm+".transform.LayerNorm", h)...)
	out = append(out, arch.Value{Path: lm + ".bias", Shape: []int{n.info.Vocab}})
	return append(arch.AsHead(out),
		arch.Value{Path: lm + ".decoder.weight", Tied: n.prefix + "embeddings.word_embeddings.weight"},
		arch.Value{Path: lm + ".decoder.bias", Tied: lm + ".bias"})
}

// Sites implements peft.Model.
func (n *network) Sites() []peft.Site {
	h, emb := n.info.Hidden, n.prefix+"embeddings"
	out := []peft.Site{
		{Path: emb + ".word_embeddings", Kind: peft.Embedding, Role: "embedding", Layer: -1, In: n.info.Vocab, Out: h},
		{Path: emb + ".position_embeddings", Kind: peft.Embedding, Role: "positions", Layer: -1, In: n.positions, Out: h},
		{Path: emb + ".token_type_embeddings", Kind: peft.Embedding, Role: "types", Layer: -1, In: n.types, Out: h},
		{Path: emb + ".LayerNorm", Kind: peft.Norm, Role: "norm", Layer: -1, In: h, Out: h},
		{Path: emb, Kind: peft.Input, Role: "input", Layer: -1, In: h, Out: h},
	}
	linear := func(path, role string, layer, in, width int) {
		out = append(out, peft.Site{Path: path, Kind: peft.Linear, Role: role, Layer: layer, In: in, Out: width})
	}
	for i := range n.info.Layers {
		l := n.layer(i)
		out = append(out, peft.Site{Path: l + ".attention.self", Kind: peft.Attention, Role: "attention", Layer: i, In: h, Out: h, Heads: n.info.Heads, HeadDim: n.info.HeadDim})
		for _, name := range []string{"query", "key", "value"} {
			linear(l+".attention.self."+name, name, i, h, h)
		}
		for _, part := range []struct {
			path, role string
			in         int
			sublayer   string
		}{{".attention.output", "output", h, "attention"}, {".output", "down", n.inner, "feedforward"}} {
			if part.role == "down" {
				linear(l+".intermediate.dense", "up", i, h, n.inner)
			}
			out = append(out, peft.Site{Path: l + part.path, Kind: peft.Sublayer, Role: part.sublayer, Layer: i, In: h, Out: h})
			linear(l+part.path+".dense", part.role, i, part.in, h)
			out = append(out, peft.Site{Path: l + part.path + ".LayerNorm", Kind: peft.Norm, Role: "norm", Layer: i, In: h, Out: h})
		}
	}
	if n.task == arch.Encoder || n.task == arch.SequenceClass {
		linear(n.prefix+"pooler.dense", "pooler", -1, h, h)
	}
	switch n.task {
	case arch.SequenceClass, arch.TokenClass:
		linear("classifier", "head", -1, h, len(n.info.Labels))
	case arch.QuestionAnswering:
		linear("qa_outputs", "head", -1, h, 2)
	case arch.MaskedLM:
		linear("cls.predictions.transform.dense", "head", -1, h, h)
		out = append(out,
			peft.Site{Path: "cls.predictions.transform.LayerNorm", Kind: peft.Norm, Role: "norm", Layer: -1, In: h, Out: h},
			peft.Site{Path: "cls.predictions.decoder", Kind: peft.Linear, Role: "head", Layer: -1, In: h, Out: n.info.Vocab, OutputEmbedding: true})
	}
	return out
}
