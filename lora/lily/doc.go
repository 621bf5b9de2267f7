// Package lily is Lily: low-rank interconnected adaptation across layers (arXiv:2407.09946).
//
// Targets of one name and size, such as all q_proj of a model, share num_B matrices B₁ … B_n [r, out], and every StrideA of them
// in a row share one A [r, in]. Each target has a router R [n, r] of its own. For an input x,
//
//	h = A x        p = mean of softmax(R h)        y = W x + scaling (Σₑ pₑ Bₑᵀ) h
//
// A and R start at random and B as zeros, so a fresh adapter changes nothing. What is added is no change of a weight, as p depends on
// the input, so Lily can't be merged.
//
// Use it where quality counts more than the cost of a router: in HF PEFT's benchmark of MetaMathQA on Llama-3.2-3B it comes first,
// with 52.6 % of right answers and 9.5 million parameters, where LoRA of rank 32 reaches 47.8 % with 9.2 million. It wants a larger
// rank than LoRA, and a large StrideA rather than many A.
//
// # What the mean is over (D11)
//
// In HF PEFT, and so here, p is averaged over all tokens of the batch, padding included: what a text gets depends on the texts
// beside it, also at inference, and when text is written a token at a time p is that of the last token. Config.RouteByRow averages
// over each text alone and leaves its padding out, so that a text gets the same in any batch. HF PEFT does not know the setting;
// it computes the same only for a batch of one text without padding.
//
// # Files
//
// Values that targets share stand once in memory and once in the file, under the last target that has them, as lily_A.weight and
// lily_B.weight. HF PEFT writes them under every target, 1.4 GB for 18 million parameters (D10); such copies are passed over.
package lily
