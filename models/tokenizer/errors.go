package tokenizer

import "errors"

// Errors by situation; what is returned wraps one of them and names the file, the field or the token.
var (
	// ErrFormat is a tokenizer file that is malformed, incomplete or contradicts itself.
	ErrFormat = errors.New("invalid tokenizer")
	// ErrUnsupported is a component of a type that this package does not know.
	ErrUnsupported = errors.New("unsupported tokenizer component")
	// ErrUnknown is a text with a character that the vocabulary has not, nor an unknown token to stand for it.
	ErrUnknown = errors.New("character not in the vocabulary")
	// ErrLength is a text of 2 GiB or more, whose offsets do not fit.
	ErrLength = errors.New("text too long")
	// ErrTraining is a vocabulary that cannot be learned from the texts: too small for their characters.
	ErrTraining = errors.New("cannot train")
	// ErrTruncation is a truncation that cannot be carried out: no room beside the special tokens, a stride
	// that makes no headway, or a sequence to shorten that is missing or too short.
	ErrTruncation = errors.New("cannot truncate")
	// ErrPadding is padding without a pad token, or to a negative length.
	ErrPadding = errors.New("cannot pad")
	// ErrBatch is a batch whose texts and pairs differ in number.
	ErrBatch = errors.New("texts and pairs differ in number")
)

// FieldError is a fault at one place of a tokenizer file. It matches ErrFormat or ErrUnsupported.
type FieldError struct {
	Place string // as in "normalizer.normalizers[2].type"
	Err   error
}

func (e *FieldError) Error() string { return e.Place + ": " + e.Err.Error() }

// Unwrap returns the fault without its place.
func (e *FieldError) Unwrap() error { return e.Err }
