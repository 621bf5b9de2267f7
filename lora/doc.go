// Package lora is LoRA, low-rank adaptation: beside a frozen weight matrix it trains the product of two thin ones, which
// has a small part of its parameters and is added to it.
//
//	y = W x + b + s B A dropout(x)     s = Alpha/R, or Alpha/sqrt(R) with RSLoRA
//
// A is [R, in], B is [out, R], and W is never changed. B starts as zeros, so a fresh adapter changes nothing. LoRA acts on
// linear maps, embeddings and convolutions; on a convolution, A and B are convolutions.
//
//	adapted, err := peft.Attach(backbone, "intents", &lora.Config{R: 8, Alpha: 16, Targets: peft.Match("query", "value")})
//
// # When to use it
//
// LoRA is the first thing to try. It costs nothing once it is merged into the weights (peft.Adapted.Merge), one batch can
// mix many adapters (peft.Rows), and its files are the most widely read. More rank, or more targets (peft.AllLinear), learn
// more; with a high rank use RSLoRA. The variants, each a field of [Config]:
//
//   - DoRA trains the magnitude m [out] of each output's weights apart from their direction, with no gradient through the
//     norm: W' = m (W + s B A) / ‖W + s B A‖. It often learns better at low ranks; its steps are slower.
//   - PiSSA and OLoRA start A and B from the main directions of W itself, and so learn faster at first; see [Start].
//   - "eva", "corda" and "lora_ga" start from data, which peft.Calibrate gives to peft.Attach: from what goes into each
//     target, from that and the weight, or from the weight's gradient; see [EVA], [CorDA] and [LoRAGA].
//   - Tokens trains whole embeddings of some tokens, such as those that were added to the vocabulary.
//
// # Caveats
//
// PiSSA and OLoRA take their start out of the frozen weight. HF PEFT changes the model for it, and so all other adapters on
// it; here the start is subtracted beside the adapter, and the model stays as it is. Such an adapter is saved as a plain LoRA
// of twice the rank, which opens anywhere with the same numbers. Files that HF PEFT saved with "pissa" or "olora" open too.
// Those with "pissa_niter_N", "corda" and "lora_ga" do not: their start was random, or came from data, and is in no file. CorDA
// and LoRA-GA saved here are plain LoRAs of twice the rank, too.
//
// A LoRA on a convolution of several groups can't be merged.
//
// # Differences from HF PEFT
//
// An entry of rank_pattern or alpha_pattern that matches no target is an error. Batches mixed by rows work with DoRA as
// well. Rows of Tokens leave an output layer's bias as it is, where HF PEFT drops it. Starts from data see each batch once
// and in evaluation mode: EVA ends with the data, where HF PEFT begins them again until directions are found, CorDA reads
// batches of more than one row and leaves out padding, and LoRA-GA's "stable" counts the outputs of a Conv1D. CorDA's two
// files are safetensors. Not supported are extensions such as aLoRA, QALoRA, Arrow or layer_replication; a
// config with one of them is an error that names it.
//
// # Papers
//
// Hu et al. 2021, arXiv:2106.09685 (LoRA); Kalajdzievski 2023, arXiv:2312.03732 (rsLoRA); Liu et al. 2024, arXiv:2402.09353
// (DoRA); Meng et al. 2024, arXiv:2404.02948 (PiSSA); Büyükakyüz 2024, arXiv:2406.01775 (OLoRA);
// Paischer et al. 2024, arXiv:2410.07170 (EVA); Yang et al. 2024, arXiv:2406.05223 (CorDA); Wang et al. 2024, arXiv:2407.05000
// (LoRA-GA).
package lora
