package train

import (
	"log/slog"

	"github.com/gopeft/gopeft/models/tokenizer"
	"github.com/gopeft/gopeft/optim"
	"github.com/gopeft/gopeft/peft"
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
	// Accumulate averages the gradients of so many batches before an update; 0 means 1.
	Accumulate int
	// Epochs over the examples; 0 means 3 where Steps is 0 as well.
	Epochs int
	// Steps, when set, ends training after so many updates, whatever the epochs.
	Steps int
	// MaxLength cuts longer texts off, in tokens; 0 means what the backbone has positions for.
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
	// CheckpointEvery publishes the adapter's values and calls OnCheckpoint after so many steps; 0 means never.
	CheckpointEvery int
	OnCheckpoint    func(step int, a *peft.Adapter) error
	// OnStep is called after every step, between steps; an error ends training and is given by Fit.
	OnStep func(Step) error
	// OnEval is called after every evaluation, likewise.
	OnEval func(Evaluation) error
	// Logger gets one record a step (debug) and an evaluation (info); nil logs nothing.
	Logger *slog.Logger
}

// Step is the record of one step.
type Step struct {
	Step         int     `json:"step"` // from 1
	Epoch        int     `json:"-"`    // from 0
	Loss         float64 `json:"loss"` // before the step's update, over the batch
	LR           float64 `json:"lr"`
	GradNorm     float64 `json:"grad_norm"` // before clipping
	TokensPerSec float64 `json:"tokens_per_s"`
	Total        int     `json:"-"` // how many steps there will be
}

// Evaluation is the record of one evaluation.
type Evaluation struct {
	Step    int
	Loss    float64            // mean over the examples
	Metrics map[string]float64 // by name, as "accuracy"
	Best    bool               // better than all before
}

// Report is what a run came to.
type Report struct {
	Steps        int
	Loss         float64 // of the last step
	Evaluation   *Evaluation
	BestStep     int // the step whose values the adapter holds
	Trainable    int // parameters
	Total        int
	Seconds      float64
	TokensPerSec float64
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
	if o.BatchSize == 0 {
		o.BatchSize = 8
	}
	if o.Accumulate == 0 {
		o.Accumulate = 1
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
	if (o.CheckpointEvery > 0) != (o.OnCheckpoint != nil) {
		return optionf("CheckpointEvery", "and OnCheckpoint need each other")
	}
	return o.Optimizer.Validate()
}
