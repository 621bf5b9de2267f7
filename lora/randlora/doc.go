// Package randlora is RandLoRA: full-rank updates from random bases (Albert et al. 2025, arXiv:2502.00987).
//
// The weight W [out, in] of each target gets an update of full rank, a sum of n products of random matrices, of which small
// diagonal ones train:
//
//	W' = W + (alpha/r) Σᵢ Bᵢ diag(λᵢ) A diag(γᵢ)        n = ⌈min(in, out) / r⌉
//
// with A [r, min], B₁ … Bₙ [max, r] frozen, random, and one pair for all targets, and λ [r, n], γ [n, min] of each target's own.
// min and max are the smaller and the larger of in and out; where out is the smaller the sum stands transposed. Bases are as large
// as the largest target needs; smaller ones take a part of them. λ starts as zeros, so a fresh adapter changes nothing.
//
// Use it where low rank is the limit and there is time: HF PEFT's benchmark of MetaMathQA on Llama-3.2-3B has it at 47.8 % of
// right answers with 9.3 million parameters, as LoRA of rank 32, in half as much time again. Sparse and very sparse bases hold
// ones and zeros only. (As in HF PEFT they are computed with like any others.)
//
// The bases stand once in memory and once in the file, as randlora_A and randlora_B. HF PEFT writes them again under every
// target, 2 GB for 9 million parameters (D10); such copies are passed over. Without SaveProjection they are in no file and are
// drawn from a seed as torch draws them: in bfloat16, as HF PEFT does on machines that know it, which is nearly all.
//
// λ and the r·n rows that it scales are numbered otherwise than the columns of B they meet in HF PEFT, which does not matter to
// random bases; here it is the same, so that files agree.
package randlora
