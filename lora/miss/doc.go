// Package miss is MiSS: matrix shard sharing, in which the columns of the update repeat (Kang and Yin 2024, MiSS: Revisiting the
// Trade-off in LoRA with an Efficient Shard-Sharing Structure, arXiv:2409.15371; as HF PEFT has it, where it was once Bone).
//
// The weight W [out, in] of each target becomes W' = W + Δ, by one of three forms of Δ, which init_weights tells:
//
//	Drawn  Δ[:, j] = M[j mod r]ᵀ                     M [r, out]
//	Mini   as Drawn, with M[:, o] = B[:, o mod m]    B [r, m], m = MiniR
//	Bat    Δ(o, i) = W(o, i) B(o) + B(o)             B [out/r, r, r], for the blocks [r, r] of W
//
// Drawn and Mini add up the stretches of r inputs and map the sum: less work than LoRA's two products. Every value starts as
// zero, and a fresh adapter changes nothing.
//
// Use Drawn in LoRA's place where memory and time are short: in HF PEFT's comparison on MetaMathQA (Llama-3.2-3B, rank 64) it
// reaches 48.7 % with 7.3 million values and the least memory of the better methods, LoRA 47.8 % with 9.2 million. Bat reaches
// 50.4 %, at 1.6 times the time; Mini 38.0 % with 0.2 million values.
//
// Files hold miss_block under each target, as HF PEFT's do.
//
// Differences from HF PEFT: with several adapters at once, what each adds depends on W alone, where HF PEFT's Bat lets the
// second change what the first has made. Dropout acts on Bat's input as well; HF PEFT passes it over there. GPT-2's linear maps
// are taken, too.
package miss
