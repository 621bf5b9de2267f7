// Package arch holds the parts of which the model families under models/ are made. It is for those who add a family to this
// module, not for those who use models: package models is theirs. It is unstable: any release may change or remove what is
// here, without a word in the changelog.
//
// A family is a folder under models/ that maps the config.json of one model_type to these parts. It says so with a [Family],
// whose New reads a [Config] and gives a [Network]: the computation, the places in it where adapters may act, and the list of
// tensors that it needs of a checkpoint. The parts compute what transformers computes, ask adapters at every place, and
// check the arguments of a forward pass before they reach a graph. Functions that take or give a *peft.Node add
// operations to a graph; they panic where shapes don't fit, which peft's entry points turn into errors.
//
// A [TextEncoder] is BERT or a relative. A relative's New reads its config and chooses a head:
//
//	func newNetwork(c *arch.Config, task string) (arch.Network, error) {
//		n := arch.ReadBERT(c, "bert", task)
//		n.Head = &arch.SpanHead{Path: "qa_outputs", Hidden: n.About.Hidden}
//		return n, c.Err()
//	}
//
// A [Decoder] is a causal language model. Relatives of Llama share its blocks, too, and write down only what they change:
//
//	func newNetwork(c *arch.Config, task string) (arch.Network, error) {
//		n, blocks := arch.ReadLlama(c, "qwen2", task, arch.LlamaDefaults{Vocab: 151936, Inner: 22016, Positions: 32768})
//		blocks.InputBias = true
//		return n, c.Err()
//	}
//
// An [EncoderDecoder] is BART, T5 or a relative, [Speech] wav2vec 2.0 or one. Networks of images have their own, in models/vit
// and models/resnet, with the [Head] and the checks of here.
package arch
