// Package llama is Llama 1 to 3 (Touvron et al. 2023, arXiv:2302.13971; Grattafiori et al. 2024, arXiv:2407.21783) as
// transformers computes it: a causal language model, a sequence classifier, or without a head.
//
// package models opens it:
//
//	backbone, err := models.Load("TinyLlama-1.1B")                                       // a folder
//	backbone, err := models.Load("TinyLlama-1.1B", models.Head("sequence-classification")) // with a new head
package llama

import "github.com/gopeft/gopeft/models/arch"

// Family makes the models of model_type "llama"; package models opens them.
var Family = arch.Family{ModelType: "llama", Prefix: "model", Tasks: arch.DecoderTasks("Llama"), New: newNetwork}

func newNetwork(c *arch.Config, task string) (arch.Network, error) {
	net, blocks := arch.ReadLlama(c, "llama", task, arch.LlamaDefaults{Vocab: 32000, Inner: 11008, Positions: 2048})
	net.KeepsHeadDim = true
	blocks.InputBias = arch.Get(c, "attention_bias", false)
	blocks.OutputBias = blocks.InputBias
	blocks.InnerBias = arch.Get(c, "mlp_bias", false)
	return net, c.Err()
}
