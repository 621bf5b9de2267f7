// Package arch is what families of backbones share, on the seam of package peft: attention, activations, losses as
// transformers computes them, checks of forward's arguments, and the list of values a network reads from a
// checkpoint; for encoders also their blocks, heads and token embeddings, which a family fills in from its config:
//
//	func newNetwork(c *arch.Config, task string) (arch.Network, error) {
//		n := arch.ReadBERT(c, "bert", task)
//		n.Head = &arch.SpanHead{Path: "qa_outputs", Hidden: n.About.Hidden}
//		return n, c.Err()
//	}
//
// Decoders share a Decoder, which is embeddings, head and labels around a stack of blocks, and relatives of Llama the
// stack too. Such a family is what it changes in it:
//
//	func newNetwork(c *arch.Config, task string) (arch.Network, error) {
//		n, blocks := arch.ReadLlama(c, "qwen2", task, arch.LlamaDefaults{Vocab: 151936, Inner: 22016, Positions: 32768})
//		blocks.InputBias = true
//		return n, c.Err()
//	}
package arch
