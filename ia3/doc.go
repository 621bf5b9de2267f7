// Package ia3 is (IA)³: it multiplies what some linear maps and convolutions give, or take, with a learned factor for each
// channel.
//
//	y = l ⊙ (W x + b)     l has a factor for each output
//	y = W (l ⊙ x) + b     at the feed-forward modules, l has a factor for each input
//
// Factors start as 1, so a fresh adapter changes nothing.
//
//	adapted, err := peft.Attach(backbone, "intents", &ia3.Config{})
//
// By default it acts on keys, values and the second map of the feed-forward, as in the paper, or on what HF PEFT picks for the
// kind of model. At a convolution a factor belongs to a channel.
//
// # When to use it
//
// For few examples, and where many adapters are kept: a file has a few thousand numbers. It costs nothing once it is merged
// (peft.Adapted.Merge), and one batch can mix many adapters at next to no cost (peft.Rows). It wants a high learning rate, 3e-3
// to 1e-2. On HF PEFT's MetaMathQA benchmark (Llama-3.2-3B) it answers 31.1 % of the test questions at a learning rate of
// 1e-4, 39.8 % at 1e-3, and 45.5 % on all of attention at 5e-3; a LoRA of rank 32 answers 47.8 %. It forgets more than LoRA at
// such rates.
//
// # Caveats
//
// A factor can't bring in what W never gave: where a model has to learn something new, LoRA learns more.
//
// # Differences from HF PEFT
//
// Unmerging gives the old weights to the bit, where HF PEFT divides by the factors. feedforward_modules without a value, on a
// kind of model for which HF PEFT has no default, means none; HF PEFT asks for it. A name there must be a target also if
// targets are a pattern. Convolutions over one axis are taken as well, which HF PEFT does not open, and so are grouped ones
// among the feed-forward modules, which it can't merge. The names of feedforward_modules mean, as in HF PEFT, every target
// whose path ends so: "proj" is "q_proj", too.
//
// HF PEFT writes some files that it does not open again: feedforward_modules with a name that is none of the targets', where
// "all-linear" was spelled out or the modules are its default. These open here, and ours open there: they have a pattern.
//
// # Related packages
//
// The folders below hold the other methods that rescale or shift what a model has: road rotates outputs, beft and bitfit
// train biases, norm trains norms, full trains all, and probe the head.
//
// # Paper
//
// Liu et al. 2022, arXiv:2205.05638.
package ia3
