// Package train trains adapters: the Trainer's steps, evaluation, recipes and the records of a run.
//
//	trainer, err := train.New(adapted, train.Options{Task: train.Classification("no", "yes"), Optimizer: optim.AdamW{LR: 1e-3}})
//	report, err := trainer.Fit(ctx, examples)
//
// A step is one compiled program: the backbone's forward pass, the loss, the gradients of the adapter's values and
// the optimiser's update. The frozen values take part as inputs; they get no gradient and no optimiser state, and
// there is no backward pass below the lowest adapted site. The learning rate and the optimiser's other numbers are
// inputs, so that a schedule recompiles nothing.
//
// While training goes on, other goroutines may use the same backbone and adapters. They see the adapter in training as
// it was when training began, was last evaluated, or ended.
//
// # Differences from transformers' Trainer
//
// Where examples to evaluate on are given, the values of the best evaluation stand at the end, not the last ones
// (Options.KeepLast). The last batch of an epoch is filled up with rows that count for nothing, which changes no
// number and saves compiling a second program.
package train
