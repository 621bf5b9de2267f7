// Package adalora is AdaLoRA: low-rank adaptation whose rank moves, while it trains, to the modules where it matters most
// (Zhang et al. 2023, arXiv:2303.10512).
//
// The weight W [out, in] of each target becomes
//
//	W' = W + alpha/(n + 1e-5) B diag(E) A
//
// like a singular value decomposition, with A [n, in], B [out, n], E [n, 1] and n the rank that it begins with (InitR). E
// starts as zeros, so that a fresh adapter changes nothing; A and B are kept near orthogonal by a term of the loss,
// OrthRegWeight times the mean of ‖A Aᵀ - I‖ and ‖Bᵀ B - I‖ over all of them. It is part of every loss that is computed with
// the adapter, in evaluations too, and a merged model's lacks it.
//
// # The budget
//
// A run of TotalStep steps has three parts. During the first TInit steps all ranks train. Then the budget, the ranks of all
// targets together, falls from InitR to TargetR for each target,
//
//	b(t) = b₁ + (b₀ - b₁) (1 - (t - TInit) / (TotalStep - TFinal - TInit))³
//
// and every DeltaT steps the entries of E that matter least are set to 0 until b(t) are left. What an entry matters is
// measured by how large value times gradient has been (smoothed by Beta1) and how uncertain that is (Beta2), of the entry
// itself and of its row of A and column of B. During the last TFinal steps those that are left train on.
//
// The Trainer of package train does this by itself; a loop of one's own calls peft.Adapter.Stepping. A run of fewer steps than
// TotalStep would end with a budget half spent: there no rank is taken away, as in HF PEFT where nobody calls
// update_and_allocate, and the Trainer warns. Until the budget is reached, evaluations are none of the best ones.
//
// # When to use it
//
// Where a small budget has to go to a few of many targets and nobody knows to which. It costs a second look at the gradients
// in each step, and a schedule to be set. On HF PEFT's MetaMathQA benchmark (Llama-3.2-3B, rank 32) it reaches 37.3 %.
//
// # Files
//
// lora_A, lora_B and lora_E under each target. Rows whose E is 0 do nothing, so they are left out, and rank_pattern says which
// of the first ones those are that the file holds, as HF PEFT has it.
//
// # Differences from HF PEFT
//
// Grouped convolutions, and those along one or three axes, have it as well. A target_r of more than init_r is refused, where
// HF PEFT breaks down in the middle of a run, and so is each of LoRA's settings that HF PEFT's AdaLoRA takes and ignores, but
// for r. As there, a config without task_type has no term in the loss.
package adalora
