// Package probe is linear probing: it trains a model's head, and leaves the model below it as it is.
//
//	adapted, err := peft.Attach(backbone, "topics", &probe.Config{})
//
// # When to use it
//
// To see how much of a task the model knows without being changed, as a baseline for other methods; or where data are so few
// that anything more would learn them by heart. What the head reads does not change while it is trained. On a head with random
// values a learning rate of 1e-3 to 1e-2 is right.
//
// # What trains
//
// With task_type (peft.Common) the head that HF PEFT trains for it, "classifier", "score" or "qa_outputs", and the modules
// of modules_to_save. Without either it is the head that the model has: the same modules, or the output layer of a model that
// writes text, fills in tokens or transcribes. An output layer that shares its weight with the embeddings gets one of its
// own; the embeddings stay.
//
// # Caveats
//
// An adapter stands in place of the model's head. Two of them can't act one after another, but be mixed by rows
// (peft.Rows). Merging puts the trained head into the model.
//
// # Differences from HF PEFT
//
// HF PEFT has no such method. The file is as that of any adapter with modules_to_save: base_model.model.PATH.
package probe
