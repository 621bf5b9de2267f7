// Package norm is LN tuning: it trains the norms of a model, a scale and perhaps a shift for each channel, and leaves all
// else as it is.
//
//	y = g' (x - mean(x)) / sqrt(var(x) + eps) + b'     g' and b' start as the model's own g and b
//
// So it goes for any norm: one that knows no mean or shift (RMSNorm) has g' only. A fresh adapter changes nothing.
//
//	adapted, err := peft.Attach(backbone, "tone", &norm.Config{})
//
// # When to use it
//
// It is for a model whose knowledge fits already and only has to be weighed otherwise: another modality, another style of
// answers, small data. It has very few parameters (38 thousand in a BERT-base) and costs nothing at inference. It takes a
// high learning rate, 1e-3 and more; it learns no new skill: on HF PEFT's MetaMathQA benchmark (Llama-3.2-3B, learning rate
// 1e-4) it answers 0.0 % of the test questions, where a LoRA of rank 32 answers 47.8 %.
//
// # Caveats
//
// An adapter stands in place of the model's norm. Two of them can't act one after another (which HF PEFT refuses, too), but
// be averaged (peft.Average) and mixed by rows (peft.Rows). Merging puts the trained values into the model.
//
// A batch norm is copied with its running statistics, which stay as they are unless the adapter is attached with
// peft.TrainStatistics.
//
// # Differences from HF PEFT
//
// HF PEFT copies and trains whatever module is named. So does this package for linear maps, embeddings and convolutions; a
// name of a larger part of the model, as "layers.0", is refused: that is package full.
//
// # Paper
//
// Zhao et al. 2023, arXiv:2312.11420.
package norm
