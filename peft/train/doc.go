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
// it was when training began, was last evaluated or saved, or ended.
//
// # Runs that survive
//
// With Options.Out a run has a folder:
//
//	adapter/             the trained adapter, written when the run is over
//	checkpoints/step-N/  the adapter after N steps, and all that it takes to go on from there
//	metrics.jsonl        a line for each step and evaluation
//	summary.json         what the run came to
//
// With Options.Resume it goes on from the newest whole checkpoint, to the same bits as a run that was never stopped,
// given the same program, engine and machine. A checkpoint holds the trained values, the optimiser's state, the random
// state, the place in the data and in metrics.jsonl, and the best evaluation with its values. Its last file,
// checkpoint.json, lists the others with their checksums: a folder without it was never finished and is passed
// over; one that does not fit it is damaged, and the one before is used. A checkpoint of a run with another backbone,
// adapter, data, optimiser or schedule is refused.
//
// A run's folder is locked while a process works in it. The lock ends with the process, however that ends.
//
// # Differences from transformers' Trainer
//
// Where examples to evaluate on are given, the values of the best evaluation stand at the end, not the last ones
// (Options.KeepLast). The last batch of an epoch is filled up with rows that count for nothing, which changes no
// number and saves compiling a second program. With Options.Accumulate, groups of batches go on over the end of an
// epoch. A step is a batch, also where several make one update.
package train
