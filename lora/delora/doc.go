// Package delora is DeLoRA: a low-rank update whose strength is apart from its direction (Bini, Girrbach and Akata 2025,
// Decoupling Angles and Strength in Low-rank Adaptation, arXiv:2503.18225; as HF PEFT has it).
//
// The weight W [out, in] of each target becomes
//
//	W' = W + (λ/r) B D A N,  D = diag(1 / (‖A_i‖ ‖B_i‖)),  N = diag(‖W_j‖)
//
// with A [r, in], B [out, r], the norms of A's rows and B's columns (at least 1e-4), and those of W's columns as they were when
// the adapter was new. However long A and B grow, the update's length is bound by λ, which trains as well. B starts as zeros, so
// a fresh adapter changes nothing.
//
// Use it where training must not run away from the pretrained model: at high learning rates, and in long runs. In HF PEFT's
// comparison on MetaMathQA (Llama-3.2-3B, rank 32) it reaches 46.8 %, LoRA 47.8 %.
//
// Files hold delora_A, delora_B, delora_lambda and delora_w_norm under each target, as HF PEFT's do. Unlike HF PEFT's it also
// takes GPT-2's linear maps.
package delora
