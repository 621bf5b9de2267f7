// Package adamss is AdaMSS: updates of low rank, each for a cluster of a weight's rows (Zheng et al. 2025, "AdaMSS: Adaptive
// Multi-Subspace Approach for Parameter-Efficient Fine-Tuning", NeurIPS), as HF PEFT has it.
//
// The frozen weight of each target, with its bias as one more column, is decomposed: the first r right singular vectors are the
// rows of a frozen basis V [r, in+1], the left ones give each row of the weight r scores. The rows are clustered by their scores
// (k-means) into num_subspaces parts, and the rows of part i gain
//
//	ΔW_i = B_i A_i V,    B_i [rows of i, subspace_rank], A_i [subspace_rank, r]
//
// whose last column is added to the bias. Where a target has no bias, V is [r, in] and nothing is added to it. A_i starts as the
// directions in which the scores of its rows extend most, B_i as zeros: a fresh adapter changes nothing. A target trains
// subspace_rank (out + num_subspaces r) values.
//
// Use it where very few values must do, and the update may stay within what the weight does already: HF PEFT's run of Llama 3.2
// 3B on MetaMathQA reached 34.5 % with 0.29 M values, LoRA of rank 32 47.8 % with 9.2 M.
//
// # Adaptive subspace allocation
//
// With use_asa, parts that matter less train no further: what they have learnt by then stays in the adapter as it is. Between the
// steps init_warmup and final_warmup, counted from 0, it is measured after each step how large value times gradient is for the
// elements of A_i and B_i, smoothed, and how far that varies. Every mask_interval steps those parts of all targets go on that
// score best by the mean of the product, and the measure starts anew. How many go on falls from all of them to
// asa_target_subspaces, by the power asa_schedule_exponent of the way that is left. As in HF PEFT, a part goes on only if it is
// better than the one with which that number is full, so one fewer than the number goes on where any is stopped. None comes
// back.
//
// The trainer of package peft/train does this by itself. A stopped part no longer moves, but its gradient is still computed and
// counts where gradients are clipped by their norm, and the measure is of gradients before clipping; HF PEFT leaves stopped
// parts out of the norm, and measures clipped gradients.
//
// # Differences from HF PEFT
//
// HF PEFT's files do not tell which rows belong to which part; whoever opens one clusters them again. Files written here hold the
// rows too (adamss_index, those of the first part first), and open to the bit; HF PEFT passes them over. A file without them opens
// with a warning (Adapter.Warnings): decomposition and clusters are computed as HF PEFT does, from the same random numbers, but a
// row between two parts may fall to the other one by rounding. Where the parts come out of other sizes than the file's, it is refused.
// Clusters of a weight in half precision are of the rounded numbers, in HF PEFT too: open such a file on the precision in which
// it was trained.
//
// A subspace_rank above r counts as r, with which HF PEFT's forward pass fails.
package adamss
