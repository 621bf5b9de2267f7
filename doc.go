// Package gopeft is parameter-efficient fine-tuning for Go programs: a frozen pretrained backbone, a few thousand to a
// few million trainable numbers beside it, and files that Hugging Face PEFT reads and writes.
//
// This package holds no code. A program imports the rooms it needs:
//
//	backbone, err := models.Load("minilm")                        // a transformers folder; frozen
//	adapted, err := peft.Attach(backbone, "intents", &lora.Config{R: 8, Alpha: 16, Targets: peft.Match("query", "value")})
//	trainer, err := train.New(adapted, train.Options{Task: train.Classification(labels...), Optimizer: optim.AdamW{LR: 1e-3}})
//	report, err := trainer.Fit(ctx, examples)
//	err = adapted.Save("intents-lora")                            // opens in HF PEFT as well
//
// # Rooms
//
//   - models opens backbones, models/tokenizer their tokenizers, models/preprocess what turns images and sounds into their
//     arguments; models/generate writes text.
//   - peft is the seam: sites, methods, named adapters on a backbone, selections of them, merging, files.
//   - lora and prompt, and later ia3 and adapters, hold the methods; peft/all imports every one.
//   - peft/train is the Trainer; peft/data, peft/metric and optim are what it stands on.
//   - examples holds whole programs.
//
// # Engines
//
// Graphs run on GoMLX: in pure Go by default, several times faster when built with GOEXPERIMENT=simd, or on XLA through
// PJRT where GOMLX_BACKEND (or an option) says xla:cpu, xla:cuda or a plugin's path. The code is the same.
package gopeft
