// Package beft is BEFT, bias-efficient fine-tuning: beside a frozen linear map it trains a bias, and nothing else.
//
//	y = W x + b + b'     b' starts as zeros
//
// By default it does so at the values of attention, as the paper does where data are few.
//
//	adapted, err := peft.Attach(backbone, "intents", &beft.Config{})
//
// # When to use it
//
// For few examples and very small files: a file has a thousand numbers a layer. Unlike bitfit it works on models without biases
// of their own, as Llama's family, and several adapters may act one after another. On HF PEFT's MetaMathQA benchmark
// (Llama-3.2-3B) it answers 32.1 % of the test questions with 29 thousand parameters, where a LoRA of rank 32 answers 47.8 %
// with 9 million.
//
// # Caveats
//
// It is merged into the model's bias. Where a target has none, peft.Adapted.Merge gives peft.ErrMerge, as in HF PEFT.
//
// # Differences from HF PEFT
//
// GPT-2's maps, which transformers keeps [in, out], are taken as well.
//
// # Paper
//
// Huang et al. 2025, arXiv:2509.15974.
package beft
