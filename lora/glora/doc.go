// Package glora is GLoRA: generalized LoRA, which scales and shifts the weight and the bias and lets the weight feed the bias
// (Chavan et al. 2023, One-for-All: Generalized LoRA for Parameter-Efficient Fine-tuning, arXiv:2306.07967; as HF PEFT has it).
//
// The weight W [out, in] and the bias b [out] of each target become
//
//	W' = W + W ⊙ A + B,  b' = b + b ⊙ D + E + W C
//
// with ⊙ the product element by element. A and B are low-rank matrices, a number for each output, or one number; C [in] is a
// low-rank column or a free one; D and E are a number for each output or one. Each may be left out, and targets without a bias
// have neither C nor D nor E. All start at zero, so a fresh adapter changes nothing.
//
// Use it where both scale and content of a weight must move, as when a model meets inputs of another kind; each step computes
// the gradient of a whole matrix for each target. In HF PEFT's comparison on MetaMathQA (Llama-3.2-3B, rank 8) it reaches
// 41.9 % with 4.6 million values, LoRA of rank 32 47.8 % with 9.2 million.
//
// Files hold glora_A.Xd and .Xu, or .X, and so on under each target, as HF PEFT's do. Unlike HF PEFT's they don't hold zeros for
// what is left out (a .zeros under each); HF PEFT opens them and says that these are missing. GPT-2's linear maps are taken, too.
package glora
