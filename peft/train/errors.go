package train

import (
	"errors"
	"fmt"
)

// Errors of this package, to be told apart with errors.Is.
var (
	// ErrOptions: an option can't be used, or two contradict each other.
	ErrOptions = errors.New("bad training options")
	// ErrNotFinite: a loss, a gradient or a value became NaN or infinite. The adapter keeps its values of before.
	ErrNotFinite = errors.New("not finite")
	// ErrRecipe: a recipe file can't be used.
	ErrRecipe = errors.New("bad recipe")
	// ErrCheckpoint: a checkpoint is damaged, or is that of another run or of another version of this package.
	ErrCheckpoint = errors.New("checkpoint can't be used")
	// ErrBusy: another Fit is training the adapter, or another Fit or process is at work in the run's folder.
	ErrBusy = errors.New("in use")
	// ErrOccupied: the run's folder holds a run, finished or interrupted, and neither Resume nor Overwrite is set.
	ErrOccupied = errors.New("folder holds a run")
	// ErrStop is for OnStep and OnEval to return, alone or wrapped: the run then ends cleanly. Its adapter and summary are
	// written, and Fit returns a Report and no error.
	ErrStop = errors.New("stop training")
)

// NotFiniteError says at which step training broke down. It matches ErrNotFinite.
type NotFiniteError struct {
	Step  int    // 0 outside of training
	What  string // "loss", "gradient's norm", "loss on the evaluation data", or a value by its key
	Value float64
}

// Error implements error.
func (e *NotFiniteError) Error() string {
	if e.Step == 0 {
		return fmt.Sprintf("the %s is %v", e.What, e.Value)
	}
	return fmt.Sprintf("step %d: the %s is %v: try a smaller learning rate", e.Step, e.What, e.Value)
}

// Is makes every NotFiniteError an ErrNotFinite.
func (e *NotFiniteError) Is(target error) bool { return target == ErrNotFinite }

// CheckpointError says which file of a checkpoint can't be used, and why. It matches ErrCheckpoint and what Err wraps.
type CheckpointError struct {
	Path    string
	Damaged bool // the file was changed, or never finished; otherwise it is whole, but of another run or version
	Err     error
}

// Error implements error.
func (e *CheckpointError) Error() string {
	return fmt.Sprintf("%v: %s: %v", ErrCheckpoint, e.Path, e.Err)
}

// Unwrap returns the sentinel and the reason.
func (e *CheckpointError) Unwrap() []error { return []error{ErrCheckpoint, e.Err} }

func damagedf(path, format string, args ...any) error {
	return &CheckpointError{Path: path, Damaged: true, Err: fmt.Errorf(format, args...)}
}

func foreignf(path, format string, args ...any) error {
	return &CheckpointError{Path: path, Err: fmt.Errorf(format, args...)}
}

func optionf(field, format string, args ...any) error {
	return fmt.Errorf("%w: %s: %s", ErrOptions, field, fmt.Sprintf(format, args...))
}
