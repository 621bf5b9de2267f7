// Package hra is HRA: adaptation by Householder reflections (Yuan et al. 2024, arXiv:2405.17484), as HF PEFT has it.
//
// What goes into each target is reflected r times before the frozen weight W [out, in] meets it:
//
//	W' = W H₁ H₂ … H_r,    H_i = I - 2 u_i u_iᵀ / ‖u_i‖²
//
// The reflections are orthogonal, and together low-rank away from I: HRA stands between OFT and LoRA, with as many values as a
// LoRA's A. With ApplyGS the u are made orthogonal to each other first, W' = W (I - 2 U (UᵀU)⁻¹ Uᵀ). A fresh adapter of an even rank has every
// vector twice, so that the reflections take each other back and nothing changes; one of an odd rank, or with ApplyGS, reflects
// from the start.
//
// The product is computed as I - U T Uᵀ with one small triangular T (the compact WY form, Schreiber and Van Loan 1989), two thin
// products instead of r passes over the input.
//
// # Differences from HF PEFT
//
// With apply_gs a fresh adapter of HF PEFT divides the second of two equal vectors by the rounding that is left of it, so that it starts
// anywhere; here its vectors are drawn apart.
package hra
