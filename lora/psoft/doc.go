// Package psoft is PSOFT: orthogonal fine-tuning in the principal subspace of a weight (Wu et al. 2025, arXiv:2505.11235), as HF
// PEFT has it.
//
// From the r largest singular values of each target's frozen weight W [out, in], with their vectors, come a frozen B [out, r] and
// A [r, in] with (alpha/r) B A ≈ W. The weight becomes
//
//	W' = W + (alpha/r) B (R - I) A,    R = diag(b) Q diag(a)
//
// where Q [r, r] is orthogonal, the Cayley transform (I + S)(I - S)⁻¹ of a skew-symmetric S, and a, b scale what it turns. S starts as
// zeros and a, b as ones, so a fresh adapter changes nothing. A target trains r(r-1)/2 + 2r values.
//
// Use it where an update must turn what the weight does most, with few values: HF PEFT's run of Llama 3.2 3B on MetaMathQA reached 44.9 %
// with 1.9 M values, LoRA of rank 32 47.8 % with 9.2 M.
//
// # Differences from HF PEFT
//
// HF PEFT's files hold R only, and whoever opens one decomposes W again. Singular vectors have no sign of their own: each library,
// and each version of one, may turn some of them round, and the same R then means another update. Files written here hold A and B
// too (psoft_A, psoft_B), and open to the bit; HF PEFT passes them over. A file without them opens with a warning
// (Adapter.Warnings).
//
// The decomposition is a truncated one with either psoft_svd, and takes seconds where a whole one takes minutes. "lowrank" with its
// psoft_svd_lowrank_niter and random_seed draws another start for it in HF PEFT; here the start is drawn from the adapter's seed.
package psoft
