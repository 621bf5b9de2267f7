package preprocess

import (
	"errors"
	"fmt"
)

// Sentinels for what can be wrong.
var (
	// ErrConfig: a preprocessor_config.json is missing, or asks for what is not supported.
	ErrConfig = errors.New("bad preprocessor config")
	// ErrImage: an image can't be read, or does not suit the processor.
	ErrImage = errors.New("bad image")
	// ErrAudio: a sound can't be read, or does not suit the extractor.
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
