// Package loha is LoHa: low-rank adaptation with a Hadamard product (Hyeon-Woo et al. 2022, FedPara, arXiv:2108.06098; as
// LyCORIS and HF PEFT have it).
//
// The weight W [out, in] of each target becomes
//
//	W' = W + (alpha/r) (A₁ B₁) ⊙ (A₂ B₂)
//
// with A₁, A₂ [out, r], B₁, B₂ [r, in] and ⊙ the product element by element: with twice the values of a LoRA of rank r the
// update has up to rank r². B₂ starts as zeros, so a fresh adapter changes nothing. At a convolution, with UseEffectiveConv2D,
// each A B becomes a core [r, r, kernel…] between two such factors.
//
// Use it where the update needs a high rank and the file must stay small, as for the style of an image model; for language
// models LoRA is the usual first choice:
// HF PEFT's run of Llama 3.2 3B on MetaMathQA reached 39.3 % with rank 32, LoRA of that rank 47.8 %.
//
// # Differences from HF PEFT
//
// At convolutions with UseEffectiveConv2D, HF PEFT's hand-written backward pass gives A₁ and A₂ each other's gradient. Here they have
// their own.
//
// Files hold hada_w1_a, hada_w1_b, hada_w2_a, hada_w2_b and hada_t1, hada_t2 under each target, as HF PEFT's do.
package loha
