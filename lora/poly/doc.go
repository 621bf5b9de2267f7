// Package poly is Poly, by which several tasks share a few skills (Polytropon, Ponti et al. 2023, arXiv:2202.13914), and with
// more than one split Multi-Head Routing (Caccia et al. 2023, arXiv:2211.03831).
//
// Each target has S skills, pairs of factors Aₛ [in, r] and Bₛ [r, out], and for each task t the logits z of a mixture of them:
//
//	y = W x + b + 1/r · (Σ wₛ Bₛᵀ) (Σ wₛ Aₛᵀ) x     with     wₛ = σ(zₜₛ) / Σ σ(zₜₛ)
//
// With n splits the widths are cut into n parts, and each part of a factor is mixed by weights of its own. While it trains, σ(z)
// is drawn from the relaxed Bernoulli distribution with these logits, anew for each row. B starts as zeros, so a fresh adapter
// changes nothing.
//
// A call has one argument more, "task_ids": the number of each row's task, whole numbers [batch] from 0. It stands among the
// arguments of Forward and in the batches of training; for writing text see generate.Batch.Arguments.
//
// Use it for a set of related tasks that should learn from each other, with one adapter for all; a single task is served as
// well by LoRA.
//
// # Differences from HF PEFT
//
//   - With one task, "task_ids" may be left out, and the adapter can be merged. HF PEFT can't merge.
//   - Numbers below 0 are refused. HF PEFT counts them from the last task.
//   - Widths that the splits don't divide are refused when the adapter is attached, not when it runs.
//   - It acts on GPT-2's Conv1D too, which HF PEFT refuses.
//
// Files hold poly_lora_A [splits, skills, in/splits, r], poly_lora_B [splits, skills, r, out/splits] and
// poly_router.module_logits [tasks, splits · skills] under each target, as HF PEFT's do.
package poly
