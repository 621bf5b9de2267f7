package peft

import (
	"errors"
	"fmt"

	"github.com/gopeft/gopeft/peft/seam"
)

// What can go wrong, for errors.Is. Errors of this package match one of these, except those of reading and writing
// files as such.
var (
	// ErrConfig: a setting of an adapter's config has a value that can't be used.
	ErrConfig = seam.ErrConfig
	// ErrUnknownType: no imported package has the method that a config names (its peft_type). Import the method's
	// package, or peft/all.
	ErrUnknownType = seam.ErrUnknownType
	// ErrUnsupported: legal in HF PEFT or transformers, but not implemented here.
	ErrUnsupported = seam.ErrUnsupported
	// ErrTarget: a name or pattern in a config matches no module of the model.
	ErrTarget = seam.ErrTarget
	// ErrTensor: a tensor of an adapter's file is missing, too many, of another shape, or not finite, or the file is damaged.
	ErrTensor = seam.ErrTensor
	// ErrAdapter: an adapter's name is unknown, taken or malformed, or the adapter can't be used as a call asks.
	ErrAdapter = seam.ErrAdapter
	// ErrInput: an argument of a call is missing, of another shape, or out of range.
	ErrInput = seam.ErrInput
	// ErrMerge: the adapter can't be folded into the model's weights.
	ErrMerge = seam.ErrMerge
	// ErrEngine: there is no engine of that name, or it can't be opened, as without its plugin.
	ErrEngine = errors.New("engine can't be opened")
	// ErrClosed: the model was closed by [Backbone.Close].
	ErrClosed = errors.New("the backbone is closed")
)

// What exactly is wrong, for errors.As.
type (
	// FieldError says what is wrong with one setting of a config, by its key in adapter_config.json. It matches
	// [ErrConfig].
	FieldError = seam.FieldError
	// UnsupportedError names an option that HF PEFT has and this library has not. It matches [ErrUnsupported].
	UnsupportedError = seam.UnsupportedError
	// TargetError names what matches no module, and the nearest names that would. It matches [ErrTarget].
	TargetError = seam.TargetError
	// TensorError says how one tensor of an adapter's file does not fit the model. It matches [ErrTensor].
	TensorError = seam.TensorError
	// InputError says what is wrong with one argument of a call. It matches [ErrInput].
	InputError = seam.InputError
)

// NotFiniteError names a value of an adapter's file, or of those given to [Adapter.Set] or [Adapted.StartOver], that is NaN or
// infinite; a float64 that is too large for float32 counts as such. Its text has the file, too, where there is one. It is a
// [TensorError] and so matches [ErrTensor]. [AllowNotFinite] takes such values.
type NotFiniteError struct {
	TensorError
	At    int     // the first such number's place in the tensor, counted from 0 row by row
	Value float64 // what it is
}

// Unwrap gives the TensorError.
func (e *NotFiniteError) Unwrap() error { return &e.TensorError }

func notFinite(path, tensor string, at int, value float64) error {
	reason := fmt.Sprintf("its number %d is %v (AllowNotFinite allows it)", at, value)
	return &NotFiniteError{TensorError{Path: path, Tensor: tensor, Reason: reason}, at, value}
}

// errNoBackbone is the error of calls on a nil or zero Backbone or Adapted.
var errNoBackbone = fmt.Errorf("%w: there is no backbone: open one with models.Load", ErrInput)

// also is an error that matches a sentinel besides what it wraps, and has its own text.
type also struct {
	error
	sentinel error
}

// Unwrap gives both.
func (e *also) Unwrap() []error { return []error{e.error, e.sentinel} }
