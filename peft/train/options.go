package train

import (
	"log/slog"

	"github.com/gopeft/gopeft/models/tokenizer"
	"github.com/gopeft/gopeft/optim"
	"github.com/gopeft/gopeft/peft/data"
)

// Options says how an adapter is trained. The zero value trains for three epochs with AdamW, on the loss of the
// backbone's head. A step is an update of the adapter's values, as transformers counts it: of one batch or, with
// Accumulate, of several.
type Options struct {
	// Adapter names the one to train; "" means the only one.
	Adapter string
	// Task says how labels are read from examples and what is measured; nil means the one of the backbone's head.
	Task Task
	// Optimizer; nil means optim.AdamW{}, with torch's defaults.
	Optimizer optim.Optimizer
	// Schedule of the learning rate over the steps; nil falls linearly to zero, as transformers' Trainer has it.
	Schedule optim.Schedule
	// MaxGradNorm clips the gradients to this global norm; 0 means 1, optim.Zero no clipping.
	MaxGradNorm float64
	// BatchSize in examples; 0 means 8.
	BatchSize int
	// Accumulate is how many batches make a step: their gradients are averaged for one update. 0 means 1. The batches of
	// a step may belong to two epochs, and those of the last step to an epoch behind Epochs.
	Accumulate int
	// Epochs is how often to go through the examples; 0 means 3 where Steps is 0 as well.
	Epochs int
	// Steps, when set, ends training after so many steps, whatever Epochs says.
	Steps int
	// MaxLength cuts longer texts off, in tokens, special ones included; 0 means what the tokenizer and the backbone
	// allow.
	MaxLength int
	// Seed of the order of examples and of dropout.
	Seed uint64

	// Loss builds the loss; nil means the backbone's own, which needs labels. Evaluations measure the same loss. Two runs
	// with losses of their own share no compiled program. A checkpoint can't tell one function from another: a run is
	// to be resumed with the same.
	Loss LossFunc
	// LossInputs names the tensors of a batch that only Loss reads, so that the backbone, which refuses what it does not
	// know, never sees them.
	LossInputs []string
	// Teacher is a second model whose outputs Loss reads; nil means none.
	Teacher *Teacher

	// Eval holds the examples that Fit evaluates on; EvalSource gives ready batches instead. Without either nothing is
	// evaluated.
	Eval       []data.Example
	EvalSource data.Source
	// EvalEvery evaluates after every so many steps; 0 means after each epoch. The last step is always evaluated.
	EvalEvery int
	// EarlyStopping ends the run when evaluations no longer get better; nil never does.
	EarlyStopping *EarlyStopping
	// KeepLast ends with the values of the last step. Otherwise, where anything is evaluated, the values of the best
	// evaluation stand at the end: see Task.Metrics and EarlyStopping for what is best.
	KeepLast bool
	// Tokenizer; nil means the one in the backbone's folder.
	Tokenizer tokenizer.Tokenizer

	// Out is the run's folder, made where it is missing: adapter/, checkpoints/, metrics.jsonl and summary.json. "" keeps
	// no records. A folder that holds a run already is refused with ErrOccupied, unless Resume or Overwrite is set.
	Out string
	// CheckpointEvery saves a checkpoint after every so many steps; 0 saves one only at the run's end and when its
	// context ends.
	CheckpointEvery int
	// KeepCheckpoints is how many of the newest checkpoints are kept; 0 means 2.
	KeepCheckpoints int
	// Resume goes on from the newest whole checkpoint in Out, and begins anew where there is none. Attach the adapter as
	// it was attached for the run that was stopped.
	Resume bool
	// Overwrite lets a new run replace one that Out holds. The former checkpoints and metrics go with the first step, the
	// former adapter and summary when the new run is over. With Resume it has no effect.
	Overwrite bool

	// OnResume is called with Resume before the first step; an error ends training and is returned by Fit.
	OnResume func(Resumed) error
	// OnStep is called after every step. ErrStop ends the run cleanly after this step, which is then evaluated; any
	// other error ends training and is returned by Fit.
	OnStep func(Step) error
	// OnEval is called after every evaluation, likewise.
	OnEval func(Evaluation) error
	// Logger gets one record a step (debug), an evaluation (info) and a damaged checkpoint or one of the adapter's
	// Warnings (warning); nil logs nothing.
	Logger *slog.Logger
}
