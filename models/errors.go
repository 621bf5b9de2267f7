package models

import (
	"errors"
	"fmt"
	"strings"
)

// What can be wrong with a checkpoint, or with what is asked of it. The errors of this package say more, and match one of
// these under errors.Is.
var (
	// ErrFolder: the folder or one of its files is not there.
	ErrFolder = errors.New("no checkpoint")
	// ErrOption: an option is nil, or its argument can't be used, or not with this checkpoint.
	ErrOption = errors.New("bad option")
	// ErrFamily: the config's model_type or architecture is not supported, or its family lacks the head that Head asks for.
	ErrFamily = errors.New("unknown kind of model")
	// ErrWeights: the files lack tensors that the config asks for, hold them in other shapes, or are damaged.
	ErrWeights = errors.New("checkpoint does not fit its config")
)

// WeightError names the tensors of a checkpoint that are missing, or one that is of another shape. It matches ErrWeights.
type WeightError struct {
	Path    string   // the checkpoint's folder
	Missing []string // the names of tensors that should be there
	Near    []string // names of tensors that are there and look like the first missing one
	Reason  string   // what is wrong with a single tensor; then none is missing
}

// Error implements error.
func (e *WeightError) Error() string {
	if e.Reason != "" {
		return fmt.Sprintf("%s: %s", e.Path, e.Reason)
	}
	list := e.Missing
	more := ""
	if len(list) > 5 {
		list, more = list[:5], fmt.Sprintf(" and %d more", len(e.Missing)-5)
	}
	s := fmt.Sprintf("%s: missing tensors: %s%s", e.Path, strings.Join(list, ", "), more)
	if len(e.Near) > 0 {
		s += "; the file has " + strings.Join(e.Near, ", ")
	}
	return s
}

// Is makes every WeightError an ErrWeights.
func (e *WeightError) Is(target error) bool { return target == ErrWeights }

// also is an error that matches a sentinel besides what it wraps, and has its own text.
type also struct {
	error
	sentinel error
}

// Unwrap gives both.
func (e *also) Unwrap() []error { return []error{e.error, e.sentinel} }
