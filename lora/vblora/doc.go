// Package vblora is VB-LoRA: low-rank adaptation from a vector bank (Li et al. 2024, arXiv:2405.15179).
//
// The weight W [out, in] of each target becomes W' = W + B A as with LoRA, but A [r, in] and B [out, r] are put together of
// stretches of length b, each of which is a mixture of k vectors of one bank [h, b] that all targets share:
//
//	stretch = Σ wᵢ bankᵢ over the k largest of its h logits, with w the softmax of these k
//
// Bank and logits train. Both start at random, so a fresh adapter changes the outputs a little.
//
// Use it where files must be very small: with SaveOnlyTopK a file holds, besides the bank, k numbers of a byte or two and k-1
// weights for each stretch. Such a file is for inference: the other logits are lost, and training on it is refused. HF PEFT's
// benchmark of MetaMathQA on Llama-3.2-3B has VB-LoRA at 33.4 % of right answers with 1.2 million parameters, where LoRA of rank
// 32 reaches 47.8 % with 9.2 million.
//
// Files are HF PEFT's: vblora_logits_A and vblora_logits_B under each target, or their _topk_indices and _topk_weights, and
// vblora_vector_bank once. A weight that rounding made negative counts as 0 here; HF PEFT takes its logarithm, which is no number.
package vblora
