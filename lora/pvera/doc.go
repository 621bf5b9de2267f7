// Package pvera is PVeRA: probabilistic vector-based random matrix adaptation (arXiv:2512.07703).
//
// As in VeRA (package vera), all targets share a pair of frozen random matrices A [2r, in], B [out, r], and each has vectors
// d [2r], b [out] of its own that train. For an input x of a target,
//
//	(μ, log σ²) = d ⊙ A x        both of r numbers
//	y = W x + b ⊙ B z            with z drawn from N(μ, σ²) while training, and z = μ outside of it
//
// so that the adapter learns how certain it is of its update. b starts as zeros, so a fresh adapter changes nothing. Merged, it
// is W + diag(b) B diag(d₁) A₁, with the halves of d and A that give the mean.
//
// Use it as VeRA, where training data is scarce, or where samples at inference (SampleAtInference) are to tell how certain an
// answer is. HF PEFT's benchmark of MetaMathQA on Llama-3.2-3B has it at 35.3 % of right answers with 0.14 million parameters,
// where LoRA of rank 32 reaches 47.8 % with 9.2 million.
//
// A and B stand once in the file, as pvera_A and pvera_B, or not at all (SaveProjection): they are then drawn from a seed,
// number by number as torch draws them.
//
// Differences from HF PEFT: what is drawn while training comes from the Trainer's random state, so that a resumed run goes on as
// one that was not stopped; an adapter that samples outside of training is not merged, as the mean is not what it computes;
// and adapters with other seeds, ranks and targets may stand on one model together.
package pvera
