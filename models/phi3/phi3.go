// Package phi3 is Phi-3, Phi-3.5 and Phi-4 (Abdin et al. 2024, arXiv:2404.14219) as transformers computes them: Llama whose
// queries, keys and values come from one map and the two halves of its feed-forward from another, with positions that may
// turn a part of each head only; a causal language model, a sequence classifier, or without a head.
//
// package models opens it:
//
//	backbone, err := models.Load("Phi-3-mini-4k-instruct")                                       // a folder
//	backbone, err := models.Load("Phi-3-mini-4k-instruct", models.Head("sequence-classification")) // with a new head
package phi3

import "github.com/gopeft/gopeft/models/arch"

// Family makes the models of model_type "phi3"; package models opens them.
var Family = arch.Family{ModelType: "phi3", Prefix: "model", Tasks: arch.DecoderTasks("Phi3"), New: newNetwork}

func newNetwork(c *arch.Config, task string) (arch.Network, error) {
	for field, value := range map[string]any{
		"hidden_size": 3072, "rms_norm_eps": 1e-5, "original_max_position_embeddings": 4096, "pad_token_id": 32000,
	} {
		c.Default(field, value)
	}
	switch kind := arch.RotaryType(c); kind {
	case "", "default", "longrope", "su":
	default: // transformers takes even "yarn" for "longrope" here
		c.Failf("rope_parameters", "rope_type %q is not supported by phi3", kind)
	}
	def := arch.LlamaDefaults{Vocab: 32064, Inner: 8192, Positions: 4096, PartialRotary: true}
	net, b := arch.ReadLlama(c, "phi3", task, def)
	b.Fused = true
	b.OutputDropout = c.Rate("resid_pdrop", 0)
	if c.Has("sliding_window") {
		window := c.Size("sliding_window", 1)
		b.Window = func(int) int { return window }
	}
	return net, c.Err()
}
