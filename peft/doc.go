// Package peft joins frozen backbones with named adapters. It is the seam: models name no method, methods name no
// model, and a new one of either touches its own folder only.
//
//	backbone, err := models.Load("minilm")
//	adapted, err := peft.Attach(backbone, "intents", &lora.Config{R: 8, Targets: peft.Match("query", "value")})
//	out, err := adapted.Forward(ctx, peft.Use("intents"), inputs)
//	err = adapted.Save("intents-lora")
//
// # Backbones and adapters
//
// A [Backbone] is an architecture and its frozen values, immutable and shared. An [Adapted] is a backbone with any
// number of named adapters on it. Which of them act is an argument of each call, a [Selection], never a state: two
// goroutines can run two adapters on one backbone at once, and one batch can give every row its own ([Rows]).
// [Adapted.Merge] folds adapters into a backbone of its own and leaves the original as it is.
//
// # The seam
//
// A model ([Model]) lists its [Site]s, transformers' module paths with what each computes, and builds its forward pass
// by asking a [Call] at every one of them. A method ([Method]) plans which sites it acts on and which values it keeps
// there ([Plan], [Param]); what it does there is told by the hooks it implements: [LinearHook], [EmbeddingHook],
// [SublayerHook], [AttentionHook], [InputHook]. Further abilities are interfaces as well: [Merger], [Rower],
// [Initializer], [Exporter], [Prompter].
//
// # Programs
//
// A call compiles a graph for its shapes, or finds one that was compiled before. Frozen values and adapter values are
// inputs of it. So adapters of equal shape share a program, switching or hot-swapping them compiles nothing, and a
// frozen value exists once on the device. The least recently used programs are dropped. Custom ones, such as a
// training step, are a [Program].
//
// A program that writes text is a [Decoding], step by step: the call keeps keys and values, and calls every hook at every
// step, so that models and methods know nothing of it.
//
// # Files
//
// An adapter is a folder as HF PEFT writes it: adapter_config.json and adapter_model.safetensors. Loading is strict: a
// tensor that is missing, extra or misshapen, a target that matches nothing, an option that is known and not
// implemented is an error that names it ([Lenient] accepts what HF PEFT accepts with a warning). Keys of a config that
// nobody here knows are kept and written back. Equal adapters give equal bytes.
//
// # Configs
//
// A method's config is a struct whose zero value means HF PEFT's defaults. Where 0 or false differs from the default
// and is legal too, the field is a [Real] ([Zero] is the explicit zero) or an [Opt].
//
// # Differences from HF PEFT
//
// Target modules follow its rules exactly, but each name must match something. Averages weigh what adapters add, just
// by the weights given. A PiSSA or OLoRA start never changes the backbone under other adapters.
package peft
