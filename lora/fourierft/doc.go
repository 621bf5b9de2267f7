// Package fourierft is FourierFT: an update that is sparse in the frequencies (Gao et al. 2024, arXiv:2405.03003), as HF PEFT has it.
//
// The weight W [out, in] of each target becomes W + Scaling · Re(ifft2(E)), where E [out, in] has NFrequency real numbers to learn
// at places that a seed draws, and is 0 elsewhere. All targets of one shape have the same places.
//
// Use it where an adapter must be tiny: a thousand numbers change all of a matrix. It wants a large Scaling and a high learning
// rate, and is easily left untrained: HF PEFT's runs of Llama 3.2 3B on MetaMathQA, at a rate of 0.0001, reached 9.6 % with 5000
// values a target (0.28 M) and nothing with 1000, where WaveFT of the same size reached 40.3 % and LoRA of rank 32 47.8 %
// with 9.2 M.
//
// A fresh adapter changes the outputs, unless InitWeights is set.
//
// # Cost
//
// The transform is done by real matrix products in two steps for each axis (internal/spectral), which for a target of 384 by
// 384 costs less than a tenth of what the layer itself does with 2048 tokens. A width with no factors, such as a large prime,
// costs a product with a square matrix.
//
// # Files
//
// They hold the learned numbers only. The places are drawn from random_loc_seed, to the bit as torch draws them
// (internal/torchrand).
package fourierft
