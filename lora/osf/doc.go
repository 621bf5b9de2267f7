// Package osf is OSF: orthogonal subspace fine-tuning, for learning one task after another (Nayak et al. 2025, arXiv:2504.07097),
// as HF PEFT has it.
//
// The frozen weight W [out, in] of each target is decomposed, W = U diag(S) V. The part of the largest EffectiveRank singular
// values, where what was learned before lies, stays; the rest trains:
//
//	W' = W - U₀ diag(S₀) V₀ + U diag(S) V
//
// where U₀, S₀, V₀ are the smaller singular values and their vectors, and U, S, V start as these, so a fresh adapter changes nothing but
// by rounding. Gradients of U and V lose what points into the space of the larger ones.
//
// Use it for a sequence of tasks: merge the adapter of one, and train the next on the result. It trains many values, a third of the weight or
// more. HF PEFT's run of Llama 3.2 3B on MetaMathQA reached 42.7 % with 195 M values, LoRA of rank 32 47.8 % with 9.2 M, and forgot less
// of other text.
//
// Each target's weight is decomposed whole, when an adapter is attached and when it is loaded: minutes on a model of a billion
// parameters.
//
// # Differences from HF PEFT
//
// OSF acts on GPT-2's maps as on others, where HF PEFT leaves them alone without a word (D8b). Merging can be taken back
// (Backbone.Unmerge), and several OSF adapters at once add up what each changes.
package osf
