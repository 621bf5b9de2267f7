// Package waveft is WaveFT: an update that is sparse among wavelets (Bilican et al. 2025, arXiv:2505.12532), as HF PEFT has it.
//
// The weight W [out, in] of each target becomes W + Scaling · ΔW, where ΔW is the inverse wavelet transform of one level of a
// matrix that has NFrequency numbers to learn at places that a seed draws, and is 0 elsewhere. With db1 (Haar) each number acts
// on 2 by 2 entries, so that the update is sparse itself; longer wavelets are smoother. With UseIDWT false the numbers are
// entries of ΔW. All targets of one shape have the same places.
//
// Use it where an adapter must be tiny and LoRA of rank 1 is too large or too coarse. HF PEFT's run of Llama 3.2 3B on
// MetaMathQA reached 40.3 % with 0.28 M values, LoRA of rank 32 47.8 % with 9.2 M.
//
// # Wavelets
//
// HF PEFT's settings name db1 to db38, sym2 to sym20 and coif1 to coif17. It knows the filters of db1 to db10, sym2 to sym10 and coif1 to
// coif4; with the others it fails in the forward pass (coif5 has a filter of the wrong length). Here all of them work, with
// the filters of PyWavelets.
//
// What HF PEFT computes as coif4 is no wavelet: the squares of its filter add up to 1.0099. It is followed, since its files
// mean that filter.
//
// # Files
//
// They hold the learned numbers only. The places are drawn from random_loc_seed, to the bit as torch draws them
// (internal/torchrand).
package waveft
