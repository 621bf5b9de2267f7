//go:build daulet && cgo

package tokenizer

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	rust "github.com/daulet/tokenizers"
)

// rustEngine lets the Rust library cut texts into tokens and decode them. All else, which its Go API has not, is
// done as in the pure engine: pairs, batches, truncation, special tokens, padding.
type rustEngine struct {
	*engine
	lib *rust.Tokenizer
}

var _ Tokenizer = (*rustEngine)(nil)

// RustFromFile is FromFile over the Rust library of Hugging Face tokenizers, through github.com/daulet/tokenizers.
// It is there in cgo builds with the tag daulet, which need libtokenizers.a; in others it returns an error that
// wraps errors.ErrUnsupported. WordIDs are all -1. A text with a NUL, which the library cannot be given, is left to
// the engine in Go.
func RustFromFile(path string) (Tokenizer, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("tokenizer: %w", err)
	}
	e, err := parse(data)
	if err == nil {
		var r *rustEngine
		if r, err = newRustEngine(e, data); err == nil {
			return r, nil
		}
	}
	return nil, fmt.Errorf("tokenizer %s: %w", path, err)
}

// LoadRust is Load over the Rust library, as RustFromFile is FromFile. The folder must hold a tokenizer.json.
func LoadRust(dir string) (Tokenizer, error) {
	path := filepath.Join(dir, "tokenizer.json")
	t, err := RustFromFile(path)
	if err != nil {
		return nil, err
	}
	config, err := readConfig(dir)
	if err != nil {
		return nil, err
	}
	if err := config.apply(t.(*rustEngine).engine); err != nil {
		return nil, fmt.Errorf("tokenizer in %s: %w", dir, err)
	}
	return t, nil
}

func newRustEngine(e *engine, data []byte) (*rustEngine, error) {
	var file map[string]json.RawMessage
	if err := json.Unmarshal(bytes.TrimPrefix(data, []byte("\uFEFF")), &file); err != nil {
		return nil, fmt.Errorf("%w: %v", ErrFormat, err)
	}
	for _, key := range []string{"post_processor", "truncation", "padding"} {
		file[key] = json.RawMessage("null")
	}
	data, err := json.Marshal(file)
	if err != nil {
		return nil, fmt.Errorf("%w: %v", ErrFormat, err)
	}
	lib, err := rust.FromBytes(data)
	if err != nil {
		return nil, fmt.Errorf("%w: the Rust library: %v", ErrFormat, err)
	}
	r := &rustEngine{e, lib}
	e.sequence = r.tokenize
	runtime.AddCleanup(r, func(lib *rust.Tokenizer) { _ = lib.Close() }, lib)
	return r, nil
}

func (r *rustEngine) tokenize(src source, i int32, out *Encoding) error {
	text := string(src.text.runes)
	if strings.IndexByte(text, 0) >= 0 {
		return r.engine.tokenize(src, i, out)
	}
	got, err := r.lib.EncodeWithOptionsErr(text, false, rust.WithReturnTokens(), rust.WithReturnOffsets())
	runtime.KeepAlive(r)
	if err != nil {
		return fmt.Errorf("%w, or another fault: %v", ErrUnknown, err)
	}
	char := charOfByte(text, len(src.text.runes))
	out.grow(len(got.IDs))
	for k, id := range got.IDs {
		at := place{char(int(got.Offsets[k][0])), char(int(got.Offsets[k][1]))}
		out.named(got.Tokens[k], int32(id), src, at, -1, i)
	}
	return nil
}

// charOfByte tells which of the n characters of text, or its end, begins at a byte.
func charOfByte(text string, n int) func(int) int32 {
	if len(text) == n {
		return func(b int) int32 { return int32(b) }
	}
	chars := make([]int32, len(text)+1)
	c := int32(0)
	for b := range text {
		chars[b] = c
		c++
	}
	chars[len(text)] = c
	return func(b int) int32 { return chars[b] }
}

func (r *rustEngine) Decode(ids []int32, skipSpecial bool) string {
	known := make([]uint32, 0, len(ids))
	for _, id := range ids {
		if id >= 0 {
			known = append(known, uint32(id))
		}
	}
	text, err := r.lib.DecodeErr(known, skipSpecial)
	runtime.KeepAlive(r)
	if err != nil || text == "" { // it also hides what follows a NUL
		return r.engine.Decode(ids, skipSpecial)
	}
	return text
}
