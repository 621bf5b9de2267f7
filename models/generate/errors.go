package generate

import (
	"errors"
	"fmt"
)

// Sentinels, by situation. An OptionError matches ErrOption.
var (
	// ErrOption: an option has a value that can't be used, or does nothing beside the others.
	ErrOption = errors.New("bad generation option")
	// ErrPrompt: a prompt is empty, too long or not of this vocabulary.
	ErrPrompt = errors.New("bad prompt")
	// ErrModel: the backbone writes no text, or lacks what text is made of.
	ErrModel = errors.New("backbone does not generate")
)

// OptionError says what is wrong with an option. It matches ErrOption.
type OptionError struct {
	Field  string // as generation_config.json has it
	Reason string
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
