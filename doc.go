// Package gopeft is the front page of a library for parameter-efficient fine-tuning. A pretrained model stays frozen; a
// few thousand to a few million extra parameters, an adapter, are trained in its place, and kept in files that Hugging
// Face's PEFT reads and writes.
//
// This package holds no code. A program imports those that it needs:
//
//	backbone, err := models.Load("minilm")                        // a folder of transformers
//	adapted, err := peft.Attach(backbone, "intents", &lora.Config{R: 8, Alpha: 16, Targets: peft.Match("query", "value")})
//	trainer, err := train.New(adapted, train.Options{Task: train.Classification(labels...), Optimizer: optim.AdamW{LR: 1e-3}})
//	report, err := trainer.Fit(ctx, examples)
//	err = adapted.Save("intents-lora")                            // opens in HF PEFT as well
//
// # Packages for users
//
//   - models opens pretrained models; models/tokenizer and models/preprocess make tensors of texts, images and sounds.
//   - peft attaches adapters to a model, runs them, combines, merges, saves and loads them.
//   - lora, prompt/tuning and prompt/prefix are the methods of fine-tuning; peft/all imports every one.
//   - peft/train trains adapters; peft/data, peft/metric and optim are its data, its metrics and its optimisers.
//   - models/predict answers texts, images and sounds with a trained adapter; models/generate writes text.
//   - examples holds whole programs.
//
// # Packages for authors
//
//   - peft/seam is what a method or a model is written against, peft/pefttest the tests that every method has to pass.
//   - models/arch has the parts that model families share.
//
// # Engines
//
// Models run in pure Go by default, several times faster when built with GOEXPERIMENT=simd, or on XLA for a CPU or a GPU
// where the environment variable GOMLX_BACKEND, or an option, says xla:cpu, xla:cuda or a plugin's path. The code is the
// same. Graphs are GoMLX's.
package gopeft
