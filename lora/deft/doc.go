// Package deft is DEFT: decompositional efficient fine-tuning, which takes a few directions out of the weight's outputs and
// learns what stands there instead (Kumar et al. 2025, DEFT: Decompositional Efficient Fine-Tuning for Text-to-Image Models);
// and PaRa, which takes them out alone (Chen et al. 2024, PaRa: Personalizing Text-to-Image Diffusion via Parameter Rank
// Reduction, arXiv:2406.05641). Both are as HF PEFT has them.
//
// The weight W [out, in] of each target becomes
//
//	W' = W + Q (s R - Nᵀ W)    and with PaRa    W' = W - Q Nᵀ W
//
// with R [r, in] and, of a trained P [out, r], Q = P and N = max(P, 0) for Method ReLU, or Q = N = the orthonormal factor of P's
// QR decomposition for Method QR; s is alpha/r, or 1 without alpha. R starts at Nᵀ W / s, so that a fresh adapter changes nothing
// but rounding. A fresh PaRa always changes the model.
//
// Use it to teach a model something new in place of what it has, as a subject to an image model, rather than to shift it. In HF
// PEFT's comparison on MetaMathQA (Llama-3.2-3B, rank 32) DEFT reaches 48.2 %, PaRa 43.4 %, LoRA 47.8 %.
//
// Files hold deft_P and, but for PaRa, deft_R under each target, as HF PEFT's do. A rank above a target's outputs counts as
// these, as there.
package deft
