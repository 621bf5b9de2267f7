// Package train trains adapters.
//
//	trainer, err := train.New(adapted, train.Options{Optimizer: optim.AdamW{LR: 1e-3}})
//	report, err := trainer.Fit(ctx, examples)
//
// Where what is:
//
//   - [New] makes a [Trainer] of an adapted backbone and [Options]: the optimiser and its schedule, how long to train,
//     what to evaluate on, what to record.
//   - [Trainer.Fit] trains on examples, [Trainer.FitSource] on ready batches; both give a [Report]. [Trainer.Evaluate]
//     and [Trainer.EvaluateSource] only measure.
//   - A [Task] says how labels become batches and what is measured: [Classification], [Regression], [Writing] and
//     others. It follows from the backbone's head where none is given.
//   - A [LossFunc] replaces the loss of the head, as for distillation, with a [Teacher].
//   - [EarlyStopping] and [ErrStop] end a run before its last step.
//   - A [Recipe] is a run as a file describes it.
//
// # Steps
//
// A step is an update of the adapter's values, as transformers counts it: of one batch or, with Options.Accumulate, of
// several, whose gradients are averaged. All that counts steps counts these: callbacks, metrics.jsonl, EvalEvery,
// CheckpointEvery, schedules and reports.
//
// A batch runs as one compiled program: the forward pass, the loss, the gradients of the adapter's values and the
// optimiser. Frozen weights get no gradient and no optimiser state, and there is no backward pass below the lowest
// adapted module. A schedule of the learning rate recompiles nothing.
//
// While training goes on, other goroutines may use the same backbone and adapters. They see the adapter in training as
// it was when training began, or when it was last evaluated or saved. One Fit trains an adapter at a time: a second
// one is refused with [ErrBusy].
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
// With Options.Resume a run goes on from the newest whole checkpoint, to the same bits as one that was never stopped,
// given the same program, engine and machine. Checkpoints lie between steps; what was computed of the step that was
// interrupted is computed again. A run that ended early, by EarlyStopping or ErrStop, is over for one who resumes it,
// too.
//
// A method may change its values between steps, as AdaLoRA takes ranks away. While it says that it is not done with that,
// evaluations are recorded, but none is the best one, and EarlyStopping does not count them.
//
// A checkpoint holds the trained values, the optimiser's state, what the method remembers, the random state, the place
// in the data and in metrics.jsonl, the best evaluation with its values, and how long evaluations have not got better.
// Its last file, checkpoint.json, lists the others with their checksums. A folder without that file was never finished
// and is passed over. One that does not match it is damaged, and the one before is used. A checkpoint of a run with
// another backbone, adapter, data, optimiser, schedule or loss is refused.
//
// A folder that holds a run is refused with [ErrOccupied], unless Options.Resume or Options.Overwrite is set. It is
// locked while a process works in it; the lock ends with the process, however that ends.
//
// # Differences from transformers' Trainer
//
// Where there is something to evaluate on, the values of the best evaluation stand at the end, not the last ones
// (Options.KeepLast). The last batch of an epoch is filled up with rows that count for nothing, which changes no
// number and saves compiling a second program. With Options.Accumulate the batches of a step may belong to two epochs,
// where transformers makes a smaller last step of each epoch. EarlyStopping compares with the last evaluation that
// counted as better, as Keras does, so that many small improvements are one.
package train
