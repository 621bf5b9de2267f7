package preprocess

import (
	"errors"
	"fmt"
)

// The errors of this package by their cause, to be tested with errors.Is.
var (
	// ErrConfig means that a preprocessor_config.json is missing or can't be used; the message names the field.
	ErrConfig = errors.New("bad preprocessor config")
	// ErrImage means that an image can't be read, or does not suit the processor.
	ErrImage = errors.New("bad image")
	// ErrAudio means that a recording can't be read, or does not suit the extractor.
	ErrAudio = errors.New("bad audio")
)

func configf(field, format string, args ...any) error {
	return fmt.Errorf("%w: %s: %s", ErrConfig, field, fmt.Sprintf(format, args...))
}

func imagef(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrImage, fmt.Sprintf(format, args...))
}

func audiof(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrAudio, fmt.Sprintf(format, args...))
}
