// Package boft is BOFT: orthogonal fine-tuning with butterfly factors (Liu et al. 2024, arXiv:2311.06243), as HF PEFT has it.
//
// What goes into each target is rotated before the frozen weight W [out, in] meets it, and each output is scaled:
//
//	y = s ⊙ (W Rᵀ x) + b,    R = R_m … R_1 R_0,    R_i = P_i diag(Q_1, …, Q_n) P_iᵀ
//
// A block Q is the Cayley transform (I - S)(I + S)⁻¹ of the skew part of the square matrix that the file holds. The permutations
// P_i of a butterfly let m+1 factors of small blocks reach what one factor of blocks 2^m times as large would. Blocks start as zeros and
// s as ones, so a fresh adapter changes nothing.
//
// Use it as OFT, which is BOFT with one factor and is cheaper; more factors mix more of the input with small blocks. HF PEFT's
// run on MetaMathQA reached 34.3 % with its defaults (LoRA of rank 32: 47.8 %).
//
// # Differences from HF PEFT
//
// HF PEFT takes one factor, whatever NButterflyFactor says, where its CUDA extension can't be built (D12). Here the config means
// what it says everywhere. An adapter that HF PEFT trained so has one factor in its file under a config of more: its file is
// taken at its word.
package boft
