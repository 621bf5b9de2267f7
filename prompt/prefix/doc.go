// Package prefix is prefix tuning: every attention sees n learned keys and values in front of its own,
//
//	Attention(Q, [P_K; K], [P_V; V])
//
// so that P_K and P_V [n, width] of each layer are all that trains. With Projection they are what a small network makes
// of n learned embeddings E [n, width], which the paper found to train more steadily:
//
//	P = W₂ tanh(W₀ E + b₀) + b₂      [n, 2 layers width]
//
// Paper: Li and Liang 2021, arXiv:2101.00190.
//
//	adapted, err := peft.Attach(backbone, "style", &prefix.Config{Virtual: prompt.Virtual{Tokens: 16}})
//
// # Caveats
//
// The text's positions move behind the prefix, so it must be shorter by as many. Where queries share the heads of keys
// and values, the prefix has those. A fresh prefix moves the outputs: even one of zeros takes its share of every
// attention.
//
// A file has P alone. An adapter with a projection that is loaded therefore computes and trains P itself, at no cost for
// the projection, and HF PEFT refuses to train it; peft.Adapted.StartOver takes the values of a projection.
//
// In an encoder-decoder the decoder's attention to itself has the prefix. HF PEFT repeats the values of its L layers
// before it takes four for each layer, so that layer i has the keys and values of layer 2i mod L, and where L is
// even half of them lie idle; files mean just that, so it is done here as well.
//
// # Differences from HF PEFT
//
// Token_dim, num_attention_heads, num_layers and num_transformer_submodules that are not the backbone's are an error.
// An init_weights that is unknown is one, too.
package prefix
