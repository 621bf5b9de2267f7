package optim

import (
	"errors"
	"fmt"
	"math"
)

// ErrConfig means that a setting of an optimiser, a schedule or a transform can't be used. All errors of this package match
// it.
var ErrConfig = errors.New("optim: bad setting")

// FieldError says which field can't be used and which values it may have. It matches [ErrConfig].
type FieldError struct {
	Owner string // the type that holds the field, as "AdamW"
	Field string // the field, as "Betas[0]"
	Value any    // what it held
	Want  string // what it may hold
}

// Error implements error.
func (e *FieldError) Error() string {
	return fmt.Sprintf("optim: %s.%s is %v; want %s", e.Owner, e.Field, e.Value, e.Want)
}

// Is reports whether target is [ErrConfig].
func (e *FieldError) Is(target error) bool { return target == ErrConfig }

// ownedBy renames the owner of a FieldError, so that a bad beta of AdamW is not blamed on a part that the user
// never wrote. The parts name their fields as the optimisers do for this reason.
func ownedBy(owner string, err error) error {
	var field *FieldError
	if !errors.As(err, &field) {
		return err
	}
	renamed := *field
	renamed.Owner = owner
	return &renamed
}

// checkUnit wants a number in [0, 1). The comparison is written so that NaN fails it.
func checkUnit(owner, field string, v float64) error {
	if v >= 0 && v < 1 {
		return nil
	}
	return &FieldError{owner, field, v, "a number in [0, 1)"}
}

// checkNonNegative wants a finite number of at least zero.
func checkNonNegative(owner, field string, v float64) error {
	if v >= 0 && !math.IsInf(v, 1) {
		return nil
	}
	return &FieldError{owner, field, v, "a finite number, zero or more"}
}

// checkFinite wants any finite number.
func checkFinite(owner, field string, v float64) error {
	if !math.IsNaN(v) && !math.IsInf(v, 0) {
		return nil
	}
	return &FieldError{owner, field, v, "a finite number"}
}

// checkMoments wants the fields that Adam and its kin share.
func checkMoments(owner string, betas [2]float64, eps float64) error {
	return first(
		checkUnit(owner, "Betas[0]", betas[0]),
		checkUnit(owner, "Betas[1]", betas[1]),
		checkNonNegative(owner, "Eps", eps))
}

// first returns the first of errs that is not nil.
func first(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
