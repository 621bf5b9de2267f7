// Package shira is SHiRA: sparse high-rank adapters (Bhardwaj et al. 2024, arXiv:2406.13175), as HF PEFT has it.
//
// The weight W [out, in] of each target becomes W + S, where S [out, in] has R·(in + out) numbers to learn, as many as a LoRA of rank
// R, at places that are drawn once, and is 0 elsewhere. The update has any rank, costs nothing once it is merged, and two of
// them hardly touch each other.
//
// Use it in LoRA's place where adapters are merged and swapped often, or several act at once. HF PEFT's run of Llama 3.2 3B on
// MetaMathQA reached 51.0 % with 9.2 M values, LoRA of that size 47.8 %; but the gradient of each target's whole weight is
// computed to train it.
//
// # Files
//
// They hold the numbers and their places. The places of a fresh adapter are those that torch draws from random_seed, to the bit
// (internal/torchrand). Without a random_seed they are those of torch's own default, always the same, as in HF PEFT.
//
// A file whose mask_type is another than "random" was made by a function of somebody's own. It is read, with the places that it
// holds, and can train on; a fresh adapter can't be made so.
//
// # Differences from HF PEFT
//
// A file with fewer or more places than R·(in + out), or one outside of the weight, is refused; HF PEFT fails in the forward pass,
// or takes it.
package shira
