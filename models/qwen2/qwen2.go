// Package qwen2 is Qwen 2 and 2.5 (Yang et al. 2024, arXiv:2407.10671) as transformers computes it: Llama with biases
// on queries, keys and values, and a sliding window in some blocks; a causal language model, a sequence classifier, or
// without a head.
//
// package models opens it:
//
//	backbone, err := models.Load("Qwen2.5-0.5B")                                       // a folder
//	backbone, err := models.Load("Qwen2.5-0.5B", models.Head("sequence-classification")) // with a new head
package qwen2

import "github.com/gopeft/gopeft/models/arch"

// Family makes the models of model_type "qwen2"; package models opens them.
var Family = arch.Family{ModelType: "qwen2", Prefix: "model", Tasks: arch.DecoderTasks("Qwen2"), New: newNetwork}

func newNetwork(c *arch.Config, task string) (arch.Network, error) {
	net, blocks := arch.ReadLlama(c, "qwen2", task, arch.LlamaDefaults{Vocab: 151936, Inner: 22016, Groups: 32, Positions: 32768})
	blocks.InputBias = true
	blocks.Window = arch.SlidingLayers(c, blocks.Layers)
	return net, c.Err()
}
