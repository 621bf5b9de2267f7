package train

import (
	"slices"

	"github.com/gopeft/gopeft/optim"
)

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
	if o.EarlyStopping != nil {
		o.EarlyStopping = new(o.EarlyStopping.withDefaults())
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
	if err := o.checkNil(); err != nil {
		return err
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
	if o.Overwrite && o.Out == "" {
		return optionf("Overwrite", "is for a folder: Out is empty")
	}
	if o.EarlyStopping != nil {
		if o.Eval == nil && o.EvalSource == nil {
			return optionf("EarlyStopping", "needs Eval or EvalSource")
		}
		if err := o.EarlyStopping.validate(); err != nil {
			return err
		}
	}
	if err := o.checkLoss(); err != nil {
		return err
	}
	return o.Optimizer.Validate()
}

func (o *Options) checkLoss() error {
	if o.Loss == nil && o.Teacher != nil {
		return optionf("Teacher", "is for a Loss that reads its outputs, and there is none")
	}
	if o.Loss == nil && o.LossInputs != nil {
		return optionf("LossInputs", "are for a Loss that reads them, and there is none")
	}
	for i, name := range o.LossInputs {
		if name == "" || slices.Contains(o.LossInputs[:i], name) {
			return optionf("LossInputs", "%q is empty or stands there twice", name)
		}
	}
	if o.Teacher != nil && (o.Teacher.Adapted == nil || o.Teacher.Adapted.Backbone() == nil) {
		return optionf("Teacher.Adapted", "is nil")
	}
	return nil
}

// transform is the whole optimiser: clipping, then the update, over accumulated gradients of what does not stay as it is.
func (o *Options) transform() optim.Transform {
	out := optim.Transform(optim.Chain{optim.ClipNorm{Max: o.MaxGradNorm}, o.Optimizer.Transform()})
	if o.Accumulate > 1 {
		out = optim.Accumulate{Every: o.Accumulate, Inner: out}
	}
	if f, ok := o.Optimizer.(optim.Freezer); ok {
		out = optim.Freeze{Match: f.Frozen, Inner: out}
	}
	return out
}

// steps counts the steps of a run, for epochs of so many batches.
func (o *Options) steps(perEpoch int) int {
	if o.Steps > 0 {
		return o.Steps
	}
	return (o.Epochs*perEpoch + o.Accumulate - 1) / o.Accumulate
}
