package optim

import (
	"fmt"
	"math"
)

// Schedule changes the learning rate in the course of a run: at each step the optimiser's rate is multiplied by Factor.
// train.Options takes one. A schedule has no state, so to resume a run needs nothing but the number of the step.
type Schedule interface {
	// Validate reports a setting that can't be used in a run of total steps, as a [*FieldError].
	Validate(total int) error

	// Factor gives the factor of the learning rate at the step of this index, counted from 0, in a run of total steps.
	// Indices of total and above are allowed, for runs that are continued beyond their end.
	Factor(index, total int) float64
}

// Warmup is the length of a linear warmup, in which the factor of the learning rate rises from 0 to 1: a number of steps or,
// if below 1, a share of the run's steps, rounded up as in transformers. 0 means no warmup.
type Warmup float64

// updates returns the length in a run of total updates.
func (w Warmup) updates(total int) int {
	if w < 1 {
		return int(math.Ceil(float64(w) * float64(total)))
	}
	return int(w)
}

// rise returns the factor within the warmup, and false after it.
func (w Warmup) rise(index, total int) (factor float64, in bool) {
	length := w.updates(total)
	if index >= length {
		return 1, false
	}
	return float64(index) / float64(length), true
}

// progress returns the share of what follows the warmup that lies behind an index; it passes 1 at the run's end.
func (w Warmup) progress(index, total int) float64 {
	length := w.updates(total)
	return float64(index-length) / float64(max(1, total-length))
}

// validate wants a whole number of updates, or a share, that fits into a run.
func (w Warmup) validate(owner string, total int) error {
	if err := w.validateOpen(owner, total); err != nil {
		return err
	}
	if w > Warmup(total) {
		return &FieldError{owner, "Warmup", float64(w), fmt.Sprintf("at most the run's %d steps", total)}
	}
	return nil
}

// validateOpen is validate for a course that does not depend on the run's length and may be cut short.
func (w Warmup) validateOpen(owner string, total int) error {
	// Beyond 2^53 a float64 no longer counts in ones.
	if !(w >= 0 && w <= 1<<53) || w > 1 && w != Warmup(math.Trunc(float64(w))) {
		return &FieldError{owner, "Warmup", float64(w), "a number of steps, or a share below 1"}
	}
	return checkTotal(owner, total)
}

// checkTotal wants a run of at least one update.
func checkTotal(owner string, total int) error {
	if total < 1 {
		return &FieldError{owner, "total", total, "at least 1 step"}
	}
	return nil
}

// checkCount wants a number of at least zero.
func checkCount(owner, field string, n int) error {
	if n < 0 {
		return &FieldError{owner, field, n, "zero or more"}
	}
	return nil
}
