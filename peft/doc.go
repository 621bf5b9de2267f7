// Package peft fine-tunes a pretrained model by a small set of extra parameters, an adapter. The model itself stays
// frozen. Adapters are attached, trained, saved, loaded, combined and merged, in the files of Hugging Face's library
// PEFT (HF PEFT below).
//
//	backbone, err := models.Load("minilm")
//	adapted, err := peft.Attach(backbone, "intents", &lora.Config{R: 8, Targets: peft.Match("query", "value")})
//	outputs, err := adapted.Forward(ctx, peft.Use("intents"), inputs)
//	err = adapted.Save("intents-lora")
//
// Package peft/train trains adapters, models/predict serves them; the methods are packages of their own, such as lora.
//
//   - Models: a [Backbone] is the frozen model; [Info] describes it, an [Engine] computes it. An [Adapted] is a backbone
//     with named adapters.
//   - Adapters: [Attach] makes a new [Adapter] from the [Config] of its method; [Targets] and [Pattern] in it say where
//     in the model it acts, and an [Option] how it starts.
//   - Selections: which adapters act is said in every call by a [Selection]: [Use], [Base], [Stack], [Average], or
//     [Rows] for another adapter in each row of a batch.
//   - Own computations: a [Program] is a loss or a training step of your own; see also [TrainableParam].
//   - Files: [Load] opens an adapter's folder; [ReadConfig] and [ReadTensors] read its parts.
//   - Errors match an Err variable ([ErrConfig], …) under errors.Is; the types, such as [FieldError], name what is wrong.
//
// Models, adapters and engines may be used by many goroutines at once. A context that has ended stops a computation before it starts;
// one that runs is not interrupted. A setting's zero value means HF PEFT's default, and [Zero] is an explicit 0.
//
// [NewBackbone], [Origin] and [Resized] are for authors of models; they and authors of methods read package peft/seam.
package peft
