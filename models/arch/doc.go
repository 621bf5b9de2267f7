// Package arch is what families of backbones share, on the seam of package peft: attention, activations, losses as
// transformers computes them, checks of forward's arguments, and the list of values a network reads from a
// checkpoint; for encoders also their blocks, heads and token embeddings, which a family fills in from its config:
//
//	func newNetwork(c *arch.Config, task string) (arch.Network, error) {
//		n := arch.ReadBERT(c, "bert", task)
//		n.Head = &arch.SpanHead{Path: "qa_outputs", Hidden: n.About.Hidden}
//		return n, c.Err()
//	}
package arch
