// Package lora is LoRA, low-rank adaptation of frozen linear maps and embeddings, with its variants.
//
//	y = W x + b + s B A dropout(x),   s = alpha/r,   or alpha/sqrt(r) with rsLoRA
//
// A is [r, in] and B [out, r]; W is never changed. With DoRA the direction of the adapted weight is kept apart from
// its magnitude m [out]:
//
//	W' = m (W + s B A) / ‖W + s B A‖   (norm by output row, no gradient through it)
//
// Papers: Hu et al. 2021, arXiv:2106.09685 (LoRA); Kalajdzievski 2023, arXiv:2312.03732 (rsLoRA); Liu et al. 2024,
// arXiv:2402.09353 (DoRA); Meng et al. 2024, arXiv:2404.02948 (PiSSA); Büyükakyüz 2024, arXiv:2406.01775 (OLoRA).
//
//	adapted, err := peft.Attach(backbone, "intents", &lora.Config{R: 8, Alpha: 16, Targets: peft.Match("query", "value")})
//
// Tokens trains rows of the embeddings whole beside that, as for words that a tokenizer gained; a language-model head that
// shares its weight with the embeddings has the same rows.
//
// # Caveats
//
// PiSSA and OLoRA start from a part of the weight itself, so the frozen weight loses that part. HF PEFT changes the
// backbone for it, and so every other adapter on it; here the part is subtracted beside the adapter and the backbone
// stays as it is. Such an adapter is saved as a plain LoRA of twice the rank, which opens anywhere with the same
// numbers. Files that HF PEFT saved with "pissa" or "olora" open too; "pissa_niter_N" ones don't, since the
// random part of their start is in no file.
//
// # Differences from HF PEFT
//
// A rank_pattern or alpha_pattern entry that matches no module is an error. By-row batches work for DoRA as well.
// Trained rows leave a head's bias as it is, where HF PEFT drops it.
package lora
