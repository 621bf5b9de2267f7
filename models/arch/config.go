package arch

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"

	"github.com/gopeft/gopeft/peft/seam"
)

// ErrConfig is matched by every error about a backbone's config.json.
var ErrConfig = errors.New("bad model config")

// Config reads a transformers config.json field by field: with Get, Size, Rate and the like, which give a default for a
// field that is absent. None of them returns an error: the first one is kept, and a family's New returns it with Err at its
// end. A field that changes the numbers and is not supported must be refused by name, see Only.
type Config struct {
	fields map[string]json.RawMessage
	err    error
	// of and name say where a section stands.
	of   *Config
	name string
}

// ParseConfig begins to read a config.json. What is no JSON object is ErrConfig.
func ParseConfig(raw []byte) (*Config, error) {
	c := &Config{}
	var syntax *json.UnmarshalTypeError
	switch err := json.Unmarshal(raw, &c.fields); {
	case bytes.HasPrefix(raw, []byte("version https://git-lfs")):
		return nil, fmt.Errorf("%w: is a pointer of Git LFS, not the file: fetch it with git lfs pull", ErrConfig)
	case len(bytes.TrimSpace(raw)) == 0:
		return nil, fmt.Errorf("%w: is empty", ErrConfig)
	case errors.As(err, &syntax) || err == nil && c.fields == nil:
		return nil, fmt.Errorf("%w: want a JSON object", ErrConfig)
	case err != nil:
		return nil, fmt.Errorf("%w: %w", ErrConfig, err)
	}
	return c, nil
}

// Section is the config inside a field, as "text_config", empty where there is none. Errors met in it are kept by the whole
// config, and name both fields.
func (c *Config) Section(field string) *Config {
	return &Config{fields: Get(c, field, map[string]json.RawMessage{}), of: c, name: field}
}

// Err is the first error that reading met, nil where there was none. It matches ErrConfig. A section's is the whole config's.
func (c *Config) Err() error {
	if c.of != nil {
		return c.of.Err()
	}
	return c.err
}

// Failf keeps an error about a field for Err, if it is the first.
func (c *Config) Failf(field, format string, args ...any) {
	if c.of != nil {
		c.of.Failf(c.name+"."+field, format, args...)
	} else if c.err == nil {
		c.err = fmt.Errorf("%w: %s: %s", ErrConfig, field, fmt.Sprintf(format, args...))
	}
}

// Has reports whether a field is there and not null.
func (c *Config) Has(field string) bool {
	raw, ok := c.fields[field]
	return ok && string(raw) != "null"
}

// Get reads a field as a value of def's type. It is def where the field is absent, null, or of another type, which is an
// error.
func Get[T any](c *Config, field string, def T) T {
	if !c.Has(field) {
		return def
	}
	var v T
	if err := json.Unmarshal(c.fields[field], &v); err != nil {
		c.Failf(field, "want %s, got %s", kindOf(def), c.fields[field])
		return def
	}
	return v
}

// kindOf says in JSON's words what a Go value is read from.
func kindOf(v any) string {
	switch reflect.TypeOf(v).Kind() {
	case reflect.Bool:
		return "true or false"
	case reflect.String:
		return "a string"
	case reflect.Int, reflect.Int32, reflect.Int64:
		return "an integer"
	case reflect.Float32, reflect.Float64:
		return "a number"
	case reflect.Slice:
		return "a list"
	}
	return "an object"
}

// Size reads a positive integer, as the number of layers.
func (c *Config) Size(field string, def int) int {
	n := Get(c, field, def)
	const most = 1 << 31 // beyond it shapes overflow
	if n < 1 || n > most {
		c.Failf(field, "must be positive, is %d", n)
		return def
	}
	return n
}

// Rate reads a share from 0 to below 1, as a dropout probability.
func (c *Config) Rate(field string, def float64) float64 {
	p := Get(c, field, def)
	if !(p >= 0 && p < 1) {
		c.Failf(field, "must be in [0, 1), is %v", p)
		return def
	}
	return p
}

// Only makes a field's value an error unless it is def, which an absent field has, or one of the allowed values. It is for
// fields whose other values are not supported.
func Only[T comparable](c *Config, field string, def T, allowed ...T) {
	if v := Get(c, field, def); v != def && !slices.Contains(allowed, v) {
		c.Failf(field, "%v is not supported", v)
	}
}

// Classes gives the names of the classes: those of id2label; else LABEL_0, LABEL_1 and so on, as many as num_labels says, or
// two.
func (c *Config) Classes() []string {
	byID := Get(c, "id2label", map[string]string{})
	n := Get(c, "num_labels", 2)
	if len(byID) > 0 {
		n = len(byID)
	}
	const most = 1 << 24
	if n < 1 || n > most {
		c.Failf("num_labels", "must be positive, is %d", n)
		return nil
	}
	out := seam.GenericClasses(n)
	for i := range out {
		if name, ok := byID[fmt.Sprint(i)]; ok {
			out[i] = name
		} else if len(byID) > 0 {
			c.Failf("id2label", "has %d entries but none for %d", n, i)
		}
	}
	return out
}

// Default sets a field that is absent. One that is null is not absent, and stays so.
func (c *Config) Default(field string, value any) {
	if _, ok := c.fields[field]; !ok {
		c.Set(field, value)
	}
}

// Architecture is the first of "architectures": the name of the class in transformers that wrote the checkpoint, as
// "BertForMaskedLM"; "" where the config names none.
func (c *Config) Architecture() string {
	if list := Get(c, "architectures", []string{}); len(list) > 0 {
		return list[0]
	}
	return ""
}

// Set changes a field, or adds it.
func (c *Config) Set(field string, value any) {
	raw, err := json.Marshal(value)
	if err != nil {
		c.Failf(field, "%v", err)
		return
	}
	c.fields[field] = raw
}

// JSON writes the config as transformers does: sorted and indented.
func (c *Config) JSON() ([]byte, error) {
	raw, err := json.MarshalIndent(c.fields, "", "  ")
	return append(raw, '\n'), err
}
