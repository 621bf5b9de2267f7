//go:build !daulet || !cgo

package tokenizer

import (
	"errors"
	"fmt"
)

// RustFromFile is FromFile over the Rust library of Hugging Face tokenizers, through github.com/daulet/tokenizers.
// It is there in cgo builds with the tag daulet, which need libtokenizers.a; in others, as in this one, it returns
// an error that wraps errors.ErrUnsupported.
func RustFromFile(path string) (Tokenizer, error) {
	return nil, fmt.Errorf("tokenizer %s: %w: built without cgo or the tag daulet", path, errors.ErrUnsupported)
}

// LoadRust is Load over the Rust library, as RustFromFile is FromFile.
func LoadRust(dir string) (Tokenizer, error) { return RustFromFile(dir) }
