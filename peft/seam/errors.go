package seam

import (
	"errors"
	"fmt"
	"strings"
)

// Sentinels, by situation. The typed errors below match one of them under errors.Is.
var (
	// ErrConfig: a field of an adapter's config has a value that can't be used.
	ErrConfig = errors.New("bad adapter config")
	// ErrUnknownType: no imported package registered this peft_type.
	ErrUnknownType = errors.New("unknown peft_type")
	// ErrUnsupported: known and legal elsewhere, but not implemented here.
	ErrUnsupported = errors.New("not supported")
	// ErrTarget: a target, pattern or module name matches nothing in the backbone.
	ErrTarget = errors.New("no such module")
	// ErrTensor: a tensor of an adapter file is missing, extra or misshapen.
	ErrTensor = errors.New("adapter file does not fit")
	// ErrAdapter: an adapter's name is unknown, taken or not usable.
	ErrAdapter = errors.New("adapter")
	// ErrInput: a forward argument is missing, misshapen or out of range.
	ErrInput = errors.New("bad input")
	// ErrMerge: the adapter can't be folded into the frozen weights.
	ErrMerge = errors.New("cannot merge")
)

// FieldError says what is wrong with one field of a config. It matches ErrConfig.
type FieldError struct {
	Field  string // JSON name
	Reason string
}

// Error implements error.
func (e *FieldError) Error() string { return fmt.Sprintf("%s: %s", e.Field, e.Reason) }

// Is makes every FieldError an ErrConfig.
func (e *FieldError) Is(target error) bool { return target == ErrConfig }

// Fieldf makes a FieldError.
func Fieldf(field, format string, args ...any) error {
	return &FieldError{Field: field, Reason: fmt.Sprintf(format, args...)}
}

// UnsupportedError names an option that is legal in HF PEFT and not implemented here. It matches ErrUnsupported.
type UnsupportedError struct {
	Type   string // peft_type, or "" outside a config
	Option string // the config field, or what was asked for
	Value  string // as written, "" where it doesn't matter
}

// Error implements error.
func (e *UnsupportedError) Error() string {
	s := e.Option
	if e.Value != "" {
		s += " = " + e.Value
	}
	if e.Type != "" {
		s = e.Type + ": " + s
	}
	return s + " is not supported"
}

// Is makes every UnsupportedError an ErrUnsupported.
func (e *UnsupportedError) Is(target error) bool { return target == ErrUnsupported }

// TargetError says that a name of a config matches no module. It matches ErrTarget.
type TargetError struct {
	Field string   // where the name stands: target_modules, rank_pattern, …
	Name  string   // what matched nothing
	Near  []string // the nearest names that exist
}

// Error implements error.
func (e *TargetError) Error() string {
	s := fmt.Sprintf("%s: %q matches no module", e.Field, e.Name)
	if len(e.Near) > 0 {
		s += "; near: " + strings.Join(e.Near, ", ")
	}
	return s
}

// Is makes every TargetError an ErrTarget.
func (e *TargetError) Is(target error) bool { return target == ErrTarget }

// TensorError says how one tensor of an adapter file does not fit. It matches ErrTensor.
type TensorError struct {
	Path   string // file, "" when the values come from elsewhere
	Tensor string // key
	Reason string
}

// Error implements error.
func (e *TensorError) Error() string {
	s := fmt.Sprintf("tensor %q: %s", e.Tensor, e.Reason)
	if e.Path != "" {
		s = e.Path + ": " + s
	}
	return s
}

// Is makes every TensorError an ErrTensor.
func (e *TensorError) Is(target error) bool { return target == ErrTensor }

// InputError says what is wrong with a forward argument. It matches ErrInput.
type InputError struct{ Name, Reason string }

// Error implements error.
func (e *InputError) Error() string { return fmt.Sprintf("%s: %s", e.Name, e.Reason) }

// Is makes every InputError an ErrInput.
func (e *InputError) Is(target error) bool { return target == ErrInput }

// Inputf makes an InputError.
func Inputf(name, format string, args ...any) error {
	return &InputError{Name: name, Reason: fmt.Sprintf(format, args...)}
}
