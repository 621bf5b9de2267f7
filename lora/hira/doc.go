// Package hira is HiRA: Hadamard high-rank adaptation (Huang et al., ICLR 2025, HiRA: Parameter-Efficient Hadamard High-Rank
// Adaptation for Large Language Models; as HF PEFT has it).
//
// The weight W [out, in] of each target becomes
//
//	W' = W + W ⊙ (B A)
//
// with A [r, in], B [out, r] and ⊙ the product element by element: with a LoRA's values of the same rank, the update may have
// any rank that W has. B starts as zeros (at embeddings A does), so a fresh adapter changes nothing. It has no alpha.
//
// Use it in LoRA's place where LoRA of a like rank does not learn enough: in HF PEFT's comparison on MetaMathQA (Llama-3.2-3B,
// rank 32) it reaches 51.3 % where LoRA reaches 47.8 %, with as many values and a learning rate of 4.5e-3, and 1.4 times LoRA's
// time for a step: the gradient of a whole matrix is computed for each target.
//
// Files hold hira_A and hira_B under each target, hira_embedding_A and hira_embedding_B under an embedding, as HF PEFT's do.
//
// Differences from HF PEFT: rank_pattern is followed where an adapter is new; HF PEFT passes it over there (and so has files in
// which all ranks are r, which open here), follows it for a second adapter only, and opens a file that was saved here with one
// in that place only. With several adapters, and on Gemma's scaled embeddings, what HF PEFT computes differs from what it
// merges; here both are the formula. As there, a convolution in groups is refused.
package hira
