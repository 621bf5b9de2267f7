// Package diffpruning is diff pruning: it trains a difference from each weight of its targets, and a gate for each that
// training drives to be open or shut, so that few differences are left (Guo, Rush and Kim 2021, arXiv:2012.07463).
//
// The weight W of each target becomes
//
//	W' = W + z ⊙ w        z = min(1, max(0, s (r - l) + l))
//
// with the difference w, which starts at 0 so that a fresh adapter changes nothing, and gates z in [0, 1] by the hard-concrete
// distribution (Louizos, Welling and Kingma 2018, arXiv:1712.01312): while training s = σ(α + log u - log(1 - u)) with u drawn
// anew from (0, 1) in each step, and σ(α) otherwise. As l < 0 and r > 1, gates are often just 0 or 1. The term of the loss
//
//	λ Σ P(z ≠ 0) = λ Σ σ(α - log(-l/r))
//
// is the expected number of open gates, so that gates shut where a difference is worth less than λ. With Structured each target
// has one gate more, by which all of its own are multiplied. The term is part of every loss that is computed with the adapter,
// in evaluations too.
//
// When training ends, or FixedSteps steps before, the differences are projected on those that matter: of all targets together
// the share TargetDensity with the largest |z w| stays and is trained on, all others are 0 for good. The Trainer of package train
// does this by itself; a loop of one's own calls peft.Adapter.Stepping. Evaluations before are none of the best ones.
//
// # When to use it
//
// Where an adapter's file must be very small, as in the paper 0.5 % of the weights, at the quality of training all of them. While
// it trains it takes three to four times the memory of its targets' weights, and each step computes their whole gradients: it is
// for models that could be trained whole. HF PEFT has no diff pruning.
//
// # Files
//
// Under each target, after the projection: diffpruning_weight, the differences [k], and diffpruning_indices, their rows and
// columns [2, k], with kept_per_module in the config, as package fishmask has them. Before: diffpruning_diff and
// diffpruning_alpha, shaped like the weight, and diffpruning_alpha_group [1]. One that is loaded after the projection trains on
// at these places.
package diffpruning
