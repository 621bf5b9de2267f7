// Package vera is VeRA: vector-based random matrix adaptation (Kopiczko et al. 2023, arXiv:2310.11454).
//
// The weight W [out, in] of each target becomes
//
//	W' = W + diag(b) B diag(d) A
//
// with one pair of frozen random matrices A [r, in], B [out, r] for all targets, and two vectors d [r], b [out] of each
// target's own that train: r + out values in place of LoRA's r (in + out). A and B are as large as the largest target needs;
// smaller ones take their first columns and rows. b starts as zeros, so a fresh adapter changes nothing.
//
// Use it where the files of many adapters must be small; it wants a higher rank and higher learning rates than LoRA. HF PEFT's
// benchmark of MetaMathQA on Llama-3.2-3B has it at 35.4 % of right answers with 0.13 million parameters, where LoRA of rank 32
// reaches 47.8 % with 9.2 million.
//
// A and B stand once in the file, as vera_A and vera_B, or not at all (SaveProjection): they are then drawn from a seed, number
// by number as torch draws them, so that files of HF PEFT without them open, and ours there.
//
// Unlike HF PEFT, adapters with other seeds, ranks and targets may stand on one model together.
package vera
