// Package gralora is GraLoRA: a grid of small low-rank updates (Jung et al. 2025, GraLoRA: Granular Low-Rank Adaptation for
// Parameter-Efficient Fine-Tuning, arXiv:2505.20355; as HF PEFT has it).
//
// The weight W [out, in] of each target becomes W' = W + s Δ, where Δ is cut into N · N blocks, N = K:
//
//	Δ(o, i) = B(o)[i]ᵀ A(i)[o]ᵀ    A(i) [in/N, r], B(o) [r, out/N], of which [j] is the j-th stretch of r/N of the rank
//
// with s = alpha/(r + h). With HybridR h above 0, B' A' is added to Δ, a LoRA of rank h over the whole weight. It has as many
// values as a LoRA of rank r + h, and an update of up to N times the rank r. B starts as zeros, so a fresh adapter changes
// nothing.
//
// Use it in LoRA's place at ranks of 32 and more, where LoRA stops to gain by rank: K = 2 up to rank 32, 4 from 64 on, as the
// paper does. In HF PEFT's comparison on MetaMathQA (Llama-3.2-3B, rank 32) it reaches 49.5 %, LoRA 47.8 %.
//
// Files hold gralora_A, gralora_B and, with HybridR, gralora_A_general.weight and gralora_B_general.weight under each target,
// as HF PEFT's do.
package gralora
