// Package bitfit is BitFit: it trains the biases of a model, those of linear maps, convolutions and norms, and leaves all
// else as it is.
//
//	y = W x + b'     b' starts as the model's own b
//
//	adapted, err := peft.Attach(backbone, "intents", &bitfit.Config{})
//
// # When to use it
//
// For small and middling data on an encoder such as BERT it comes near full fine-tuning with 0.1 % of the parameters, and it
// costs nothing at inference. With much data, or where a model has to learn something new, LoRA learns more. Give it a higher
// learning rate than full fine-tuning, 1e-3 or so. Most decoders (Llama, Mistral, Gemma) have next to no biases: BitFit is
// refused on them where there are none at all, and package beft adds biases of its own.
//
// # Caveats
//
// An adapter stands in place of the model's biases. Two of them can't act one after another, but be averaged (peft.Average)
// and mixed by rows (peft.Rows). Merging puts the trained values into the model.
//
// # Differences from HF PEFT
//
// HF PEFT has no such method, only LoRA's bias="all" that trains biases beside a LoRA. Files name biases as it does there:
// base_model.model.PATH.bias.
//
// # Paper
//
// Ben Zaken et al. 2021, arXiv:2106.10199.
package bitfit
