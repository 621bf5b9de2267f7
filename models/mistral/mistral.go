// Package mistral is Mistral (Jiang et al. 2023, arXiv:2310.06825) as transformers computes it: Llama with a sliding
// window in every block; a causal language model, a sequence classifier, or without a head.
//
// package models opens it:
//
//	backbone, err := models.Load("Mistral-7B-v0.3")                                       // a folder
//	backbone, err := models.Load("Mistral-7B-v0.3", models.Head("sequence-classification")) // with a new head
package mistral

import "github.com/gopeft/gopeft/models/arch"

// Family makes the models of model_type "mistral"; package models opens them.
var Family = arch.Family{ModelType: "mistral", Prefix: "model", Tasks: arch.DecoderTasks("Mistral"), New: newNetwork}

func newNetwork(c *arch.Config, task string) (arch.Network, error) {
	net, blocks := arch.ReadLlama(c, "mistral", task, arch.LlamaDefaults{Vocab: 32000, Inner: 14336, Groups: 8, Positions: 131072})
	net.KeepsHeadDim = true
	if !c.Null("sliding_window") {
		window := c.Size("sliding_window", 4096)
		blocks.Window = func(int) int { return window }
	}
	return net, c.Err()
}
