package preprocess

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// fields is a config, read field by field. Whatever is left at the end is unknown, and the first error is kept.
type fields struct {
	raw  map[string]json.RawMessage
	read map[string]bool
	err  error
}

func parseFields(raw []byte) (*fields, error) {
	f := &fields{read: map[string]bool{}}
	if err := json.Unmarshal(raw, &f.raw); err != nil {
		return nil, fmt.Errorf("%w: %v", ErrConfig, err)
	}
	return f, nil
}

func (f *fields) failf(field, format string, args ...any) {
	if f.err == nil {
		f.err = configf(field, format, args...)
	}
}

// get reads a field into a value of def's type; def where it is absent or null.
func get[T any](f *fields, field string, def T) T {
	f.read[field] = true
	raw, ok := f.raw[field]
	if !ok || string(raw) == "null" {
		return def
	}
	var v T
	if err := json.Unmarshal(raw, &v); err != nil {
		f.failf(field, "want a %T, got %s", def, raw)
		return def
	}
	return v
}

// only refuses a field that is neither absent nor the value that changes nothing.
func only[T comparable](f *fields, field string, harmless T) {
	if v := get(f, field, harmless); v != harmless {
		f.failf(field, "%v is not supported", v)
	}
}

// skip passes over fields that change no numbers.
func (f *fields) skip(names ...string) {
	for _, n := range names {
		f.read[n] = true
	}
}

// done gives the first error; a field that nobody read is one, unless it is null.
func (f *fields) done() error {
	for _, name := range slices.Sorted(maps.Keys(f.raw)) {
		if !f.read[name] && string(f.raw[name]) != "null" {
			f.failf(name, "is not supported")
		}
	}
	return f.err
}

// Names of the files that describe preprocessing.
const (
	configFile = "preprocessor_config.json"
	// nestedFile holds configs of several kinds by name, and comes first where it has the one in question.
	nestedFile = "processor_config.json"
)

// find reads the config of some kind ("image_processor", "feature_extractor") in a folder, and the folder's model_type, ""
// where it tells none.
func find(dir, kind string) (config []byte, modelType string, err error) {
	var nested map[string]json.RawMessage
	if err := readJSON(filepath.Join(dir, nestedFile), &nested); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, "", err
	}
	config = nested[kind]
	if config == nil {
		if config, err = os.ReadFile(filepath.Join(dir, configFile)); err != nil {
			return nil, "", fmt.Errorf("%w: %w", ErrConfig, err)
		}
	}
	var model struct {
		ModelType string `json:"model_type"`
	}
	if err := readJSON(filepath.Join(dir, "config.json"), &model); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, "", err
	}
	return config, model.ModelType, nil
}

func readJSON(path string, into any) error {
	raw, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrConfig, err)
	}
	if err := json.Unmarshal(raw, into); err != nil {
		return fmt.Errorf("%w: %s: %v", ErrConfig, path, err)
	}
	return nil
}

// typeName is the class that a config names, without what older versions and other backends add to it; "" for none.
func (f *fields) typeName() string {
	name := get(f, "image_processor_type", "")
	if other := get(f, "feature_extractor_type", ""); name == "" {
		name = other
	}
	return strings.TrimSuffix(strings.TrimSuffix(name, "Fast"), "Pil")
}

// strict reads JSON and refuses what has no place in the value.
func strict(raw []byte, into any) error {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.DisallowUnknownFields()
	return d.Decode(into)
}
