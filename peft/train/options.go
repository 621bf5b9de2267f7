package train

import (
	"log/slog"

	"github.com/gopeft/gopeft/models/tokenizer"
	"github.com/gopeft/gopeft/optim"
	"github.com/gopeft/gopeft/peft/data"
)

// Options says how an adapter is trained. The zero value trains three epochs with AdamW as the task's defaults have it.
type Options struct {
	// Adapter names the one to train; "" means the only one.
	Adapter string
	// Task turns examples into batches and says what is measured; nil follows the backbone's head.
	Task Task
	// Optimizer; nil means optim.AdamW{}, which is torch's.
	Optimizer optim.Optimizer
	// Schedule of the learning rate; nil falls linearly to zero, as transformers' Trainer has it.
	Schedule optim.Schedule
	// MaxGradNorm bounds the global norm of the gradients; 0 means 1, optim.Zero means no bound.
	MaxGradNorm float64
	// BatchSize in examples; 0 means 8.
	BatchSize int
	// Accumulate averages the gradients of so many batches before an update; 0 means 1. A last group that the epochs
	// leave unfinished is filled up with batches of one more.
	Accumulate int
	// Epochs over the examples; 0 means 3 where Steps is 0 as well.
	Epochs int
	// Steps, when set, ends training after so many updates, whatever the epochs.
	Steps int
	// MaxLength cuts longer texts off, in tokens; 0 means what the tokenizer and the backbone allow.
	MaxLength int
	// Seed of the order of examples and of dropout.
	Seed uint64
	// Eval holds the examples that Fit evaluates on, EvalSource batches instead of them; nil evaluates nothing.
	Eval       []data.Example
	EvalSource data.Source
	// EvalEvery evaluates after so many steps; 0 means after each epoch. The last step is always evaluated.
	EvalEvery int
	// KeepLast ends with the last values. Otherwise, where there are Eval examples, the best ones stand at the end.
	KeepLast bool
	// Tokenizer; nil means the one in the backbone's folder.
	Tokenizer tokenizer.Tokenizer

	// Out is the run's folder, made where it is missing: adapter/, checkpoints/, metrics.jsonl and summary.json. Until
	// the first step is done, and until the run is over for adapter/, what is there stays. "" keeps no records.
	Out string
	// CheckpointEvery saves the run after so many steps; 0 saves it only at its end and when its context ends.
	CheckpointEvery int
	// KeepCheckpoints is how many of the newest are kept; 0 means 2.
	KeepCheckpoints int
	// Resume goes on from the newest whole checkpoint in Out, and begins anew where there is none. The adapter is to be
	// attached as it was for the run that was stopped.
	Resume bool

	// OnResume is called with Resume before the first step; an error ends training and is given by Fit.
	OnResume func(Resumed) error
	// OnStep is called after every step, between steps, likewise.
	OnStep func(Step) error
	// OnEval is called after every evaluation, likewise.
	OnEval func(Evaluation) error
	// Logger gets one record a step (debug), an evaluation (info) and a damaged checkpoint (warning); nil logs nothing.
	Logger *slog.Logger
}

func (o Options) withDefaults() Options {
	if o.Optimizer == nil {
		o.Optimizer = optim.AdamW{}
	}
	if o.Schedule == nil {
		o.Schedule = optim.Linear{}
	}
	switch o.MaxGradNorm {
	case 0:
		o.MaxGradNorm = 1
	case optim.Zero:
		o.MaxGradNorm = 0
	}
	for _, n := range []struct{ value, means *int }{
		{&o.BatchSize, new(8)}, {&o.Accumulate, new(1)}, {&o.KeepCheckpoints, new(2)},
	} {
		if *n.value == 0 {
			*n.value = *n.means
		}
	}
	if o.Epochs == 0 && o.Steps == 0 {
		o.Epochs = 3
	}
	return o
}

func (o *Options) validate() error {
	for _, n := range []struct {
		name  string
		value int
		least int
	}{
		{"BatchSize", o.BatchSize, 1}, {"Accumulate", o.Accumulate, 1}, {"Epochs", o.Epochs, 0}, {"Steps", o.Steps, 0},
		{"MaxLength", o.MaxLength, 0}, {"EvalEvery", o.EvalEvery, 0}, {"CheckpointEvery", o.CheckpointEvery, 0},
		{"KeepCheckpoints", o.KeepCheckpoints, 1},
	} {
		if n.value < n.least {
			return optionf(n.name, "must be at least %d, is %d", n.least, n.value)
		}
	}
	if !(o.MaxGradNorm >= 0) {
		return optionf("MaxGradNorm", "must be positive, is %v", o.MaxGradNorm)
	}
	if o.Eval != nil && o.EvalSource != nil {
		return optionf("Eval", "and EvalSource are both given")
	}
	if o.Out == "" && (o.CheckpointEvery > 0 || o.Resume) {
		return optionf("Out", "is needed for CheckpointEvery and Resume: checkpoints are kept there")
	}
	return o.Optimizer.Validate()
}

// transform is the whole optimiser: clipping, then the update, over accumulated gradients.
func (o *Options) transform() optim.Transform {
	out := optim.Transform(optim.Chain{optim.ClipNorm{Max: o.MaxGradNorm}, o.Optimizer.Transform()})
	if o.Accumulate > 1 {
		out = optim.Accumulate{Every: o.Accumulate, Inner: out}
	}
	return out
}

// steps counts the batches of a run and the optimiser's updates in it, for epochs of so many batches.
func (o *Options) steps(perEpoch int) (steps, updates int) {
	updates = o.Steps
	if updates == 0 {
		updates = (o.Epochs*perEpoch + o.Accumulate - 1) / o.Accumulate
	}
	return updates * o.Accumulate, updates
}
