// Package gpt2 is GPT-2 (Radford et al. 2019) as transformers computes it: a causal language model, a sequence
// classifier, or without a head.
//
// transformers keeps the weights of its blocks' linear maps as [in, out]. Here they are [out, in] like all others;
// files of backbones and adapters have them transformers' way.
//
// package models opens it:
//
//	backbone, err := models.Load("gpt2")                                       // a folder
//	backbone, err := models.Load("gpt2", models.Head("sequence-classification")) // with a new head
package gpt2

import (
	"math"

	"github.com/gopeft/gopeft/models/arch"
)

// Family makes the models of model_type "gpt2"; package models opens them.
var Family = arch.Family{
	ModelType: "gpt2", Prefix: "transformer",
	Tasks: map[string]string{
		"GPT2Model": arch.Encoder, "GPT2LMHeadModel": arch.CausalLM, "GPT2ForSequenceClassification": arch.SequenceClass,
	},
	New: newNetwork,
}

func newNetwork(c *arch.Config, task string) (arch.Network, error) {
	about := arch.AboutDecoder("gpt2", task, "transformer")
	about.Hidden, about.Layers, about.Heads = c.Size("n_embd", 768), c.Size("n_layer", 12), c.Size("n_head", 12)
	about.Vocab, about.MaxPositions = c.Size("vocab_size", 50257), c.Size("n_positions", 1024)
	about.HeadDim = about.Hidden / about.Heads
	c.Divides("n_head", about.Heads, "n_embd", about.Hidden)
	b := &blocks{
		prefix: arch.BodyPath(about, ""), layers: about.Layers, hidden: about.Hidden, heads: about.Heads, headDim: about.HeadDim,
		inner: c.Size("n_inner", 4*about.Hidden), positions: about.MaxPositions, eps: arch.Get(c, "layer_norm_epsilon", 1e-5),
		drop: c.Rate("resid_pdrop", 0.1), inputDrop: c.Rate("embd_pdrop", 0.1), attentionDrop: c.Rate("attn_pdrop", 0.1),
		byDepth: arch.Get(c, "scale_attn_by_inverse_layer_idx", false), scale: 1,
		activation: c.Activation("activation_function", "gelu_new"),
	}
	if arch.Get(c, "scale_attn_weights", true) {
		b.scale = 1 / math.Sqrt(float64(b.headDim))
	}
	if !(b.eps > 0) {
		c.Failf("layer_norm_epsilon", "must be positive, is %v", b.eps)
	}
	return arch.NewDecoder(c, about, "wte", true, b), c.Err()
}
