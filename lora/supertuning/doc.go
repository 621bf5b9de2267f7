// Package supertuning is Super-Tuning and its hybrid with LoRA, Supra (arXiv:2607.09287), as HF PEFT has them.
//
// The weight W [out, in] of each target becomes W + S, where S [out, in] has numbers to learn at the places of the entries of W that
// are largest by their magnitude (or smallest, with SelectTop false), and is 0 elsewhere: Sparsity is the part that stays as it is.
// With R, a LoRA of that rank is added: W + S + Alpha/R · B A.
//
// Use it where a sparse change is wanted, as with SHiRA (package shira), by a choice of places that depends on the weights. HF
// PEFT publishes no run of it.
//
// # Files
//
// They hold the numbers and their places. With SavePrecomputedIndices false they hold the numbers only, and the places are
// found again in the backbone's weights when the file is opened, in the order of the magnitudes. Of entries of equal
// magnitude the first in the weight comes first; in HF PEFT their order is left open, so with weights in 16 bits, many of
// which are equal, such a file may mean something else there.
package supertuning
