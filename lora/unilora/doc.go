// Package unilora is Uni-LoRA: one vector for all low-rank updates of a model (arXiv:2506.00799).
//
// The weight W [out, in] of each target becomes W' = W + B A as with LoRA, but the numbers of all A [r, in] and B [out, r]
// together are no more than one vector θ that trains: each is θ at a place that was drawn for it, divided by the square root of
// how often that place was drawn in all,
//
//	A[i, j] = θ[place] / sqrt(count[place])
//
// so that the map from θ to all numbers keeps lengths. Every place is drawn equally often, up to one. θ starts at random, so a
// fresh adapter changes the outputs a little.
//
// Use it where an adapter must be a few hundred numbers. HF PEFT's benchmark of MetaMathQA on Llama-3.2-3B trains 256 of them,
// which is too few for it: 0.2 % of right answers, where LoRA of rank 32 reaches 47.8 % with 9.2 million. Raise Length.
//
// The file holds unilora_theta_d, once. Places are drawn from the seed exactly as numpy's default_rng draws them, target by
// target in the model's order, so that files of HF PEFT open, and ours there; with SaveIndices they and the scales are in the file.
package unilora
