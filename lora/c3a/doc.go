// Package c3a is C3A: adaptation by circular convolution (Chen et al. 2024, arXiv:2407.19342), as HF PEFT has it.
//
// The weight W [out, in] of each target becomes W + C / in, where C consists of square blocks of BlockSize, and each block is
// circulant: its rows are one vector w of BlockSize numbers, turned by a place from row to row, C[t, j] = w[(j - t) mod b]. A block
// of b² entries has b values to learn and, unlike a low-rank update of that size, any rank.
//
// Use it where an update of high rank is wanted for few values: HF PEFT's run of Llama 3.2 3B on MetaMathQA reached 48.8 % with
// 5.5 M values, LoRA of rank 32 47.8 % with 9.2 M. It wants a high learning rate (0.3 there).
//
// A fresh adapter changes the outputs, unless InitWeights is "zeros" (true in files).
//
// # Differences from HF PEFT
//
// Several C3A adapters at once add up, as several adapters of any other type do; HF PEFT feeds each with what the one before it gave
// (D6).
//
// HF PEFT's hand-written backward pass takes what a block passes down to its input by C[t, j] = w[(j + t) mod b] instead of the
// transpose of the block itself, so that in a deep model only the topmost targets get the derivative of the loss. A run here follows
// it, so that it is the same as there; set Config.ExactGradient for the derivative. The values of the kernels mean the same either way.
package c3a
