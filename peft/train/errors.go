package train

import (
	"errors"
	"fmt"
)

// Sentinels of this package.
var (
	// ErrOptions: an option can't be used, or two contradict each other.
	ErrOptions = errors.New("bad training options")
	// ErrNotFinite: the loss or the gradients became NaN or infinite. The adapter keeps its values of before.
	ErrNotFinite = errors.New("not finite")
	// ErrRecipe: a recipe file can't be used.
	ErrRecipe = errors.New("bad recipe")
)

// NotFiniteError says at which step training broke down. It matches ErrNotFinite.
type NotFiniteError struct {
	Step  int
	What  string // "loss" or "gradient"
	Value float64
}

// Error implements error.
func (e *NotFiniteError) Error() string {
	return fmt.Sprintf("step %d: the %s is %v: try a smaller learning rate", e.Step, e.What, e.Value)
}

// Is makes every NotFiniteError an ErrNotFinite.
func (e *NotFiniteError) Is(target error) bool { return target == ErrNotFinite }

func optionf(field, format string, args ...any) error {
	return fmt.Errorf("%w: %s: %s", ErrOptions, field, fmt.Sprintf(format, args...))
}
