// Package gemma2 is Gemma 2 (Gemma Team 2024, arXiv:2408.00118) as transformers computes it: Llama with scaled token
// embeddings, norms on both sides of each sub-layer, capped scores and logits, and a sliding window in every other block;
// a causal language model, a sequence classifier, or without a head.
//
// package models opens it:
//
//	backbone, err := models.Load("gemma-2-2b")                                       // a folder
//	backbone, err := models.Load("gemma-2-2b", models.Head("sequence-classification")) // with a new head
package gemma2

import (
	"math"

	"github.com/gopeft/gopeft/models/arch"
)

// Family makes the models of model_type "gemma2"; package models opens them.
var Family = arch.Family{ModelType: "gemma2", Prefix: "model", Tasks: arch.DecoderTasks("Gemma2"), New: newNetwork}

func newNetwork(c *arch.Config, task string) (arch.Network, error) {
	for field, value := range map[string]any{
		"hidden_size": 2304, "num_hidden_layers": 26, "num_attention_heads": 8, "tie_word_embeddings": true, "pad_token_id": 0,
	} {
		c.Default(field, value)
	}
	def := arch.LlamaDefaults{Vocab: 256000, Inner: 9216, Groups: 4, HeadDim: 256, Positions: 8192}
	net, b := arch.ReadLlama(c, "gemma2", task, def)
	arch.Only(c, "use_bidirectional_attention", false)
	scalar := arch.Get(c, "query_pre_attn_scalar", 256.0)
	if !(scalar > 0) {
		c.Failf("query_pre_attn_scalar", "must be positive, is %v", scalar)
	}
	net.EmbedScale, net.LogitCap = math.Sqrt(float64(b.Hidden)), limit(c, "final_logit_softcapping", 30)
	b.Scores.Scale, b.Scores.Cap, b.Scores.Blind = 1/math.Sqrt(scalar), limit(c, "attn_logit_softcapping", 50), true
	b.Activation = c.Activation("hidden_activation", "gelu_pytorch_tanh")
	b.InputBias = arch.Get(c, "attention_bias", false)
	b.OutputBias = b.InputBias
	b.PostNorms, b.NormsLessOne = true, true
	if c.Null("sliding_window") {
		c.Failf("sliding_window", "must be a number, is null")
	}
	b.Window = arch.LayerWindows(c, b.Layers, c.Size("sliding_window", 4096), func(block int) bool { return block%2 == 0 })
	return net, c.Err()
}

// limit reads a soft cap; null is none.
func limit(c *arch.Config, field string, def float64) float64 {
	if c.Null(field) {
		return 0
	}
	v := arch.Get(c, field, def)
	if !(v > 0) {
		c.Failf(field, "must be positive or null, is %v", v)
	}
	return v
}
