// Package qwen3 is Qwen 3 (Yang et al. 2025, arXiv:2505.09388) as transformers computes it: Llama with a norm on every
// head of queries and keys, a head width of its own, and a sliding window in some blocks; a causal language model, a
// sequence classifier, or without a head.
//
// package models opens it:
//
//	backbone, err := models.Load("Qwen3-0.6B")                                       // a folder
//	backbone, err := models.Load("Qwen3-0.6B", models.Head("sequence-classification")) // with a new head
package qwen3

import "github.com/gopeft/gopeft/models/arch"

// Family makes the models of model_type "qwen3"; package models opens them.
var Family = arch.Family{ModelType: "qwen3", Prefix: "model", Tasks: arch.DecoderTasks("Qwen3"), New: newNetwork}

func newNetwork(c *arch.Config, task string) (arch.Network, error) {
	def := arch.LlamaDefaults{Vocab: 151936, Inner: 22016, Groups: 32, HeadDim: 128, Positions: 32768}
	net, blocks := arch.ReadLlama(c, "qwen3", task, def)
	blocks.HeadNorms = true
	blocks.InputBias = arch.Get(c, "attention_bias", false)
	blocks.OutputBias = blocks.InputBias
	blocks.Window = arch.SlidingLayers(c, blocks.Layers)
	return net, c.Err()
}
