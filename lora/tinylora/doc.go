// Package tinylora is TinyLoRA (Morris et al. 2026, "Learning to Reason in 13 Parameters", arXiv:2602.04118).
//
// The weight W [out, in] of each target becomes
//
//	W' = W + B (Σᵢ vᵢ Pᵢ) A        A = √S Vᵀ [r, in], B = U √S [out, r]
//
// with U S Vᵀ the r largest singular values of W and their vectors, P₁ … P_u frozen random matrices [r, r], normal with variance
// 1/r, of each target's own, and the u numbers of v. Only v trains, and targets may share one: WeightTying says how many do. v
// starts as zeros, so a fresh adapter changes nothing. At an embedding W is the table [tokens, width], and a token's row gets its
// row of B times the rest.
//
// Use it for what reinforcement learning teaches a capable model, where a few hundred numbers are enough; for supervised
// fine-tuning they are not: HF PEFT's benchmark of MetaMathQA on Llama-3.2-3B has 3,584 of them at 1.2 % of right answers, where
// LoRA of rank 32 reaches 47.8 % with 9.2 million.
//
// Files are HF PEFT's: tinylora_A, tinylora_B and, with SaveProjection, tinylora_P under each target, and tinylora_v.N once for each
// group of targets. P is otherwise drawn from a seed as torch draws it.
//
// Differences from HF PEFT: large matrices are not decomposed whole. Package internal/svd iterates to the largest values, which
// takes a quarter of a second for a weight of 2048 by 2048, and less for a trained one; where singular values are nearly equal, as in
// a random matrix, A and B then span nearly the best space. Signs of the vectors are free in any decomposition; here the largest
// number in each row of A is positive. None of this matters to a file, which holds A and B. A v that HF PEFT leaves as the memory
// had it (init_weights false) is drawn here as with "uniform".
package tinylora
