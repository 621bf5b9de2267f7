package peft

import (
	"errors"
	"fmt"

	"github.com/gopeft/gopeft/peft/seam"
)

// Errors of this package match one of these under errors.Is, by what went wrong. Most are of the types below, which name
// the field, the module, the tensor or the input.
var (
	// ErrConfig: a field of an adapter's config has a value that can't be used.
	ErrConfig = seam.ErrConfig
	// ErrUnknownType: no imported package registered this peft_type.
	ErrUnknownType = seam.ErrUnknownType
	// ErrUnsupported: known and legal elsewhere, but not implemented here.
	ErrUnsupported = seam.ErrUnsupported
	// ErrTarget: a target, pattern or module name matches nothing in the backbone.
	ErrTarget = seam.ErrTarget
	// ErrTensor: a tensor of an adapter's file is missing, too many, of another shape, or not finite, or the file is damaged.
	ErrTensor = seam.ErrTensor
	// ErrAdapter: an adapter's name is unknown, taken or not usable.
	ErrAdapter = seam.ErrAdapter
	// ErrInput: an argument is missing, of another shape, or out of range.
	ErrInput = seam.ErrInput
	// ErrMerge: the adapter can't be folded into the frozen weights.
	ErrMerge = seam.ErrMerge
	// ErrEngine: an engine of that name does not exist or can't be opened, as without its plugin.
	ErrEngine = errors.New("engine can't be opened")
	// ErrClosed: the backbone was closed.
	ErrClosed = errors.New("the backbone is closed")
)

// Types of errors, for errors.As.
type (
	// FieldError says what is wrong with one field of a config. It matches ErrConfig.
	FieldError = seam.FieldError
	// UnsupportedError names an option that is legal in HF PEFT and not implemented here. It matches ErrUnsupported.
	UnsupportedError = seam.UnsupportedError
	// TargetError says that a name of a config matches no module. It matches ErrTarget.
	TargetError = seam.TargetError
	// TensorError says how one tensor of an adapter's file does not fit. It matches ErrTensor.
	TensorError = seam.TensorError
	// InputError says what is wrong with an argument. It matches ErrInput.
	InputError = seam.InputError
)

// errNoBackbone is what a zero or nil Backbone or Adapted gives.
var errNoBackbone = fmt.Errorf("%w: there is no backbone: open one with models.Load", ErrInput)

// also is an error that matches a sentinel besides what it wraps, and has its own text.
type also struct {
	error
	sentinel error
}

// Unwrap gives both.
func (e *also) Unwrap() []error { return []error{e.error, e.sentinel} }
