// Package frod is FRoD: full-rank updates by rotation in a space that the layers share (AAAI 2026, doi 10.1609/aaai.v40i31.39813),
// as HF PEFT has it.
//
// The weights of all targets of one kind (the same place in other blocks, such as every self_attn.q_proj) are decomposed jointly:
// each is U diag(lengths) V^T with one V [in, in] for all and a U [out, in] of its own. The weight W becomes
//
//	W' = W + U (S + diag(lambda - lengths)) V^T
//
// where lambda [in], which starts as the lengths, and S's entries at SparseRate of the places off its diagonal are learned. A
// fresh adapter changes nothing, and the update can have full rank.
//
// Use it where LoRA falls short and training may cost more: HF PEFT's run of Llama 3.2 3B on MetaMathQA reached 50.9 % with 5.5 M
// values, LoRA of rank 32 47.8 % with 9.2 M, in 2.6 times its time. It wants a small learning rate (0.0001 there; with 0.001 and
// twice the entries it reached 27 %).
//
// # Cost
//
// To attach one, and to open its file, each weight is multiplied with the inverse of V in float64; to attach one, V is found
// too, of n by n products for each of its layers and the eigenvectors of an n by n matrix. That is a second or two for MiniLM (n = 384),
// but minutes where n is 2048.
//
// # Files
//
// They hold V once for each kind, and the places of S, which are drawn from projection_prng_key to the bit as torch draws them
// (internal/torchrand). With SaveProjection false they leave out the places, and keep V.
//
// # Differences from HF PEFT
//
// HF PEFT leaves out V as well with save_projection false, and finds it in the backbone's weights when the file is opened. But
// V is not determined by them: it has the eigenvectors of a matrix with equal eigenvalues, and in HF PEFT's own code weights that
// differ by 1e-7 of themselves give another V, with which the learned values mean another update. So files written here hold
// it, which HF PEFT passes over, and one without it opens with a warning (Adapter.Warnings).
//
// With save_projection true, HF PEFT's files hold V and open here with its numbers. The reverse is not so: HF PEFT computes U when it
// makes the adapter, from a V of its own, and does not compute it again for the V that it then reads, so that it opens a file
// written here, or by itself on another machine, as another update.
//
// What is written above as an update of W is in HF PEFT the whole weight, U (S + diag(lambda)) V^T, which is the same but for
// rounding.
package frod
