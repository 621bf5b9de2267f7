package seam

import (
	"errors"
	"fmt"
	"strings"
)

// Errors to tell situations apart with errors.Is. Package peft has them under the same names. The types below match one of
// them each.
var (
	// ErrConfig means that a setting of an adapter's config can't be used.
	ErrConfig = errors.New("bad adapter config")
	// ErrUnknownType means that no imported package registered a peft_type.
	ErrUnknownType = errors.New("unknown peft_type")
	// ErrUnsupported means that something which HF PEFT or transformers allow is not implemented here.
	ErrUnsupported = errors.New("not supported")
	// ErrTarget means that a name or pattern of modules matches nothing in the backbone.
	ErrTarget = errors.New("no such module")
	// ErrTensor means that a tensor of an adapter's file is missing, extra or misshapen.
	ErrTensor = errors.New("adapter file does not fit")
	// ErrAdapter means that an adapter's name is unknown, taken or can't be used.
	ErrAdapter = errors.New("adapter")
	// ErrInput means that a model's argument is missing, misshapen or out of range.
	ErrInput = errors.New("bad input")
	// ErrMerge means that an adapter can't be folded into the frozen weights.
	ErrMerge = errors.New("cannot merge")
)

// FieldError says what is wrong with one setting of a config. It matches ErrConfig.
type FieldError struct {
	Field  string // its key in adapter_config.json
	Reason string
}

// Error implements error.
func (e *FieldError) Error() string { return fmt.Sprintf("%s: %s", e.Field, e.Reason) }

// Is makes every FieldError an ErrConfig.
func (e *FieldError) Is(target error) bool { return target == ErrConfig }

// Fieldf makes a FieldError for the key field, with a reason that is formatted as by fmt.Sprintf.
func Fieldf(field, format string, args ...any) error {
	return &FieldError{Field: field, Reason: fmt.Sprintf(format, args...)}
}

// UnsupportedError names an option that is legal in HF PEFT and not implemented here. It matches ErrUnsupported.
type UnsupportedError struct {
	Type   string // the peft_type; "" where it is about no method
	Option string // the key in adapter_config.json, or what was asked for
	Value  string // as it was written; "" where the value does not matter
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

// TargetError says that a name of a config matches no module, or that none is left of those it matches. It matches ErrTarget.
type TargetError struct {
	Field  string   // the key it stands under: "target_modules", "rank_pattern", …
	Name   string   // what matched nothing
	Near   []string // the nearest names that exist
	Reason string   // why none is left, "" where nothing matched
}

// Error implements error.
func (e *TargetError) Error() string {
	if e.Reason != "" {
		return fmt.Sprintf("%s: %s", e.Field, e.Reason)
	}
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
	Path   string // the file; "" when the values come from elsewhere
	Tensor string // the tensor's key
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

// InputError says what is wrong with an argument of a model's forward pass. It matches ErrInput.
type InputError struct {
	Name   string // of the argument, as "input_ids"
	Reason string
}

// Error implements error.
func (e *InputError) Error() string { return fmt.Sprintf("%s: %s", e.Name, e.Reason) }

// Is makes every InputError an ErrInput.
func (e *InputError) Is(target error) bool { return target == ErrInput }

// Inputf makes an InputError for the argument name, with a reason that is formatted as by fmt.Sprintf.
func Inputf(name, format string, args ...any) error {
	return &InputError{Name: name, Reason: fmt.Sprintf(format, args...)}
}

// Sitef makes a FieldError for the key field that a site does not suit, with a reason that is formatted as by fmt.Sprintf and
// followed by the site's path and widths, as "block_size: 5 does not divide 32 (layer.0.query: 32 in, 48 out)".
func Sitef(field string, s Site, format string, args ...any) error {
	return Fieldf(field, "%s (%s: %d in, %d out)", fmt.Sprintf(format, args...), s.Path, s.In, s.Out)
}
