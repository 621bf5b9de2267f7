package predict

import (
	"errors"
	"fmt"
	"strings"

	"github.com/gopeft/gopeft/peft"
)

// Sentinels, by situation. An input that can't be used (none at all, an empty text, a text that is too long for its
// question) matches peft.ErrInput.
var (
	// ErrOption: an option has a value that can't be used. An OptionError matches it.
	ErrOption = errors.New("bad prediction option")
	// ErrModel: the backbone does not answer what is asked of it, or lacks a file that the answer is made with. A
	// HeadError matches it.
	ErrModel = errors.New("backbone does not answer this")
)

// OptionError says what is wrong with a field of Options. It matches ErrOption.
type OptionError struct{ Field, Reason string }

// Error implements error.
func (e *OptionError) Error() string { return fmt.Sprintf("%s %s", e.Field, e.Reason) }

// Is makes every OptionError an ErrOption.
func (e *OptionError) Is(target error) bool { return target == ErrOption }

func optionf(field, format string, args ...any) error {
	return &OptionError{Field: field, Reason: fmt.Sprintf(format, args...)}
}

// HeadError says that a method needs a backbone with another head. It matches ErrModel and peft.ErrInput.
type HeadError struct {
	Method string   // what was called, as "Classes of texts"
	Model  string   // transformers' class of the backbone, as "BertModel", or its model_type
	Head   string   // the backbone's task, "" for a bare one
	Want   []string // the tasks that the method takes
}

// Error implements error.
func (e *HeadError) Error() string {
	show := func(task string) string {
		if task == "" {
			return "no head"
		}
		return "the head " + task
	}
	want := make([]string, len(e.Want))
	for i, task := range e.Want {
		want[i] = show(task)
	}
	return fmt.Sprintf("%s: the backbone %s has %s, want %s (see models.Head)", e.Method, e.Model, show(e.Head), strings.Join(want, " or "))
}

// Is makes every HeadError an ErrModel and a peft.ErrInput.
func (e *HeadError) Is(target error) bool { return target == ErrModel || target == peft.ErrInput }

func modelf(format string, args ...any) error {
	return fmt.Errorf("%w: "+format, append([]any{ErrModel}, args...)...)
}
