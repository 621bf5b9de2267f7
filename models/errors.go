package models

import (
	"errors"
	"fmt"
	"strings"
)

// Sentinels for what can be wrong with a folder, and with what is asked of it.
var (
	// ErrFolder: the folder or one of its files is not there.
	ErrFolder = errors.New("no checkpoint")
	// ErrOption: an option can't be used: it is nil, or its argument is, or does not fit the checkpoint.
	ErrOption = errors.New("bad option")
	// ErrFamily: its model_type, or the head asked of it, is not supported.
	ErrFamily = errors.New("unknown kind of model")
	// ErrWeights: its tensors do not fit its config.
	ErrWeights = errors.New("checkpoint does not fit its config")
)

// WeightError names the tensors that are missing or misshapen. It matches ErrWeights.
type WeightError struct {
	Path    string   // the checkpoint's folder
	Missing []string // paths
	Near    []string // names in the file that look like the first missing one
	Reason  string   // for a single bad tensor
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
