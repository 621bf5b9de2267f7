// Package prefix is prefix tuning: every attention of the model sees n learned keys and values in front of the text's own,
// and they are all that trains.
//
//	Attention(Q, [P_K; K], [P_V; V])
//
// Each layer has its own P_K and P_V [n, width]. With Projection they are what a small network makes of n learned
// embeddings E [n, width], which the paper found to train more steadily:
//
//	P = W₂ tanh(W₀ E + b₀) + b₂      [n, 2 layers width]
//
//	adapted, err := peft.Attach(backbone, "style", &prefix.Config{Virtual: prompt.Virtual{Tokens: 16}})
//
// Paper: Li and Liang 2021, arXiv:2101.00190.
//
// # When to use it
//
// For models that write text, and where weights must not change at all. A prefix acts in every layer, so it learns more than
// a prompt of the same length (package prompt/tuning), and no column of it appears among the outputs.
//
// # Caveats
//
// The text's positions move behind the prefix, so it must be shorter by as many. Where several queries share a head of keys
// and values, the prefix has as many heads as these. A fresh prefix changes the outputs: even one of zeros takes its share of
// every attention.
//
// A file has P alone. So an adapter with a projection, once loaded, computes with P and trains P itself. A training run that
// goes on still has the network's values: peft.Adapted.StartOver takes them.
//
// In an encoder-decoder the decoder's attention to itself has the prefix. HF PEFT repeats the values of its L layers and
// then takes four for each layer, so that layer i has the keys and values of layer 2i mod L; where L is even, half of them
// lie idle. Files mean just that, so it is done here as well.
//
// # Differences from HF PEFT
//
// HF PEFT refuses to go on training a prefix that was loaded from a file with a projection; here P trains.
// Token_dim, num_attention_heads, num_layers and num_transformer_submodules that are not the model's are an error, and so is
// an init_weights that is unknown.
package prefix
