package generate

import (
	"errors"
	"fmt"
)

// The errors of this package by their cause, to be tested with errors.Is.
var (
	// ErrOption means that an option, or a setting of the backbone's folder, can't be used: it is out of range, or has no
	// effect beside the others. The error is an [*OptionError].
	ErrOption = errors.New("bad generation option")
	// ErrPrompt means that a prompt is empty, too long, or has an id outside the vocabulary.
	ErrPrompt = errors.New("bad prompt")
	// ErrModel means that the backbone can't generate: its task is another, or its folder has no tokenizer.
	ErrModel = errors.New("backbone does not generate")
)

// OptionError says which option can't be used and why. It matches [ErrOption].
type OptionError struct {
	// Field is the option's name as in generation_config.json: "top_p", "num_beams", "stop_strings". For
	// [Options.TrimStop], which that file lacks, it is "trim_stop".
	Field  string
	Reason string // what is wrong with it
}

// Error implements error.
func (e *OptionError) Error() string { return fmt.Sprintf("%s %s", e.Field, e.Reason) }

// Is makes every OptionError an ErrOption.
func (e *OptionError) Is(target error) bool { return target == ErrOption }

func optionf(field, format string, args ...any) error {
	return &OptionError{Field: field, Reason: fmt.Sprintf(format, args...)}
}

func promptf(format string, args ...any) error {
	return fmt.Errorf("%w: "+format, append([]any{ErrPrompt}, args...)...)
}
