package seam

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
)

// field is one key of a config struct.
type field struct {
	name  string
	def   string // JSON literal; "-" = leave the key out when unset
	index []int
}

// fieldsOf lists the keys of a config struct, those of embedded structs included.
func fieldsOf(t reflect.Type) []field {
	var out []field
	for _, f := range reflect.VisibleFields(t) {
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		if f.Anonymous || name == "" || name == "-" {
			continue
		}
		out = append(out, field{name: name, def: f.Tag.Get("default"), index: f.Index})
	}
	return out
}

// nullable is a field's type for which null is a value of its own beside the default: its UnmarshalJSON reads it, and its
// MarshalJSON may write it.
type nullable interface{ TakesNull() }

// unset reports whether a field stands for its default.
func unset(v reflect.Value) bool { return v.IsZero() }

// isNumber reports whether a field's 0 means its default, and Zero an explicit 0.
func isNumber(v reflect.Value) bool { return v.Kind() == reflect.Float64 }

// WithDefaults gives a copy of a config struct in which every unset field holds the default of its tag, and every Zero is 0.
// A Config's Method reads its settings from it. It panics where a default tag is no value of its field, which is a bug in the
// config's type.
func WithDefaults[T any](cfg T) T {
	v := reflect.ValueOf(&cfg).Elem()
	for _, f := range fieldsOf(v.Type()) {
		fv := v.FieldByIndex(f.index)
		switch {
		case unset(fv) && f.def != "-" && f.def != "null":
			if err := json.Unmarshal([]byte(f.def), fv.Addr().Interface()); err != nil {
				panic(fmt.Sprintf("default of %s: %v", f.name, err)) // a bug in a struct tag, found by the suite
			}
		case isNumber(fv) && fv.Float() == Zero:
			fv.SetFloat(0)
		}
	}
	return cfg
}

// decodeConfig fills cfg from the JSON object raw. Keys of fixed must be at their only value; unknown keys go to Extra.
func decodeConfig(raw []byte, cfg Config, fixed map[string]string) error {
	keys, err := objectKeys(raw)
	if err != nil {
		return err
	}
	v := reflect.ValueOf(cfg).Elem()
	for _, f := range fieldsOf(v.Type()) {
		value, ok := keys[f.name]
		if !ok {
			continue
		}
		delete(keys, f.name)
		if err := decodeField(v.FieldByIndex(f.index), f, value); err != nil {
			return err
		}
	}
	delete(keys, "peft_type")
	delete(keys, "peft_version")
	for name, only := range fixed {
		if value, ok := keys[name]; ok && !sameJSON(value, []byte(only)) {
			return &UnsupportedError{Type: cfg.PEFTType(), Option: name, Value: compact(value)}
		}
		delete(keys, name)
	}
	if len(keys) > 0 {
		cfg.Shared().Extra = keys
	}
	return nil
}

func decodeField(v reflect.Value, f field, raw json.RawMessage) error {
	if _, own := v.Addr().Interface().(nullable); string(raw) == "null" && !own {
		if f.def != "null" && f.def != "-" {
			return Fieldf(f.name, "null is not a value for it (default %s)", f.def)
		}
		v.SetZero()
		return nil
	}
	if err := json.Unmarshal(raw, v.Addr().Interface()); err != nil {
		var te *json.UnmarshalTypeError
		if errors.As(err, &te) {
			return Fieldf(f.name, "want %s, got %s", te.Type, compact(raw))
		}
		return Fieldf(f.name, "%v, got %s", err, compact(raw))
	}
	if isNumber(v) && v.Float() == 0 && !sameJSON([]byte("0"), []byte(f.def)) {
		v.SetFloat(Zero)
	}
	if unset(v) && f.def != "-" && !sameJSON(raw, []byte(f.def)) && (f.def != "null" || v.Kind() != reflect.String) {
		// Read on, it would stand for the default. (An empty string for null is harmless, and written by some.)
		return Fieldf(f.name, "%s is not a value for it (default %s)", compact(raw), f.def)
	}
	return nil
}

// objectKeys splits a JSON object, refusing duplicate keys, which encoding/json would merge in silence.
func objectKeys(raw []byte) (map[string]json.RawMessage, error) {
	dec := json.NewDecoder(bytes.NewReader(raw))
	if tok, err := dec.Token(); err != nil || tok != json.Delim('{') {
		return nil, fmt.Errorf("%w: not a JSON object", ErrConfig)
	}
	keys := map[string]json.RawMessage{}
	for dec.More() {
		tok, err := dec.Token()
		if err != nil {
			return nil, fmt.Errorf("%w: %v", ErrConfig, err)
		}
		name := tok.(string) // the decoder yields nothing else as a key
		var value json.RawMessage
		if err := dec.Decode(&value); err != nil {
			return nil, fmt.Errorf("%w: %s: %v", ErrConfig, name, err)
		}
		if _, twice := keys[name]; twice {
			return nil, Fieldf(name, "stands twice")
		}
		keys[name] = value
	}
	if _, err := dec.Token(); err != nil {
		return nil, fmt.Errorf("%w: %v", ErrConfig, err)
	}
	if _, err := dec.Token(); err == nil {
		return nil, fmt.Errorf("%w: text after the object", ErrConfig)
	}
	return keys, nil
}

// sameJSON compares two JSON values by content.
func sameJSON(a, b []byte) bool {
	var x, y any
	return json.Unmarshal(a, &x) == nil && json.Unmarshal(b, &y) == nil && reflect.DeepEqual(x, y)
}

func compact(raw []byte) string {
	var b bytes.Buffer
	if json.Compact(&b, raw) != nil {
		return string(raw)
	}
	s := b.String()
	if len(s) > 80 {
		s = s[:77] + "..."
	}
	return s
}

// CloneConfig copies a config with all that its fields hold, so that a change to one leaves the other as it is. A config that
// is no pointer to a struct is an error that matches ErrConfig.
func CloneConfig(cfg Config) (Config, error) {
	v := reflect.ValueOf(cfg)
	if v.Kind() == reflect.Pointer && v.IsNil() {
		return nil, fmt.Errorf("%w: is a nil %T", ErrConfig, cfg)
	}
	if cfg == nil {
		return nil, fmt.Errorf("%w: is nil", ErrConfig)
	}
	if v.Kind() != reflect.Pointer || v.Elem().Kind() != reflect.Struct {
		return nil, fmt.Errorf("%w: want a pointer to a config struct, got %T", ErrConfig, cfg)
	}
	out := reflect.New(v.Elem().Type())
	out.Elem().Set(v.Elem())
	for _, f := range fieldsOf(v.Elem().Type()) {
		fv := v.Elem().FieldByIndex(f.index)
		if unset(fv) {
			continue
		}
		raw, err := json.Marshal(fv.Interface())
		if err != nil {
			return nil, Fieldf(f.name, "%v", err)
		}
		dst := out.Elem().FieldByIndex(f.index)
		dst.SetZero()
		if err := json.Unmarshal(raw, dst.Addr().Interface()); err != nil {
			return nil, Fieldf(f.name, "%v", err)
		}
	}
	copied := out.Interface().(Config) // the same type as cfg
	extra := cfg.Shared().Extra
	copied.Shared().Extra = nil
	for k, raw := range extra {
		if copied.Shared().Extra == nil {
			copied.Shared().Extra = map[string]json.RawMessage{}
		}
		copied.Shared().Extra[k] = slices.Clone(raw)
	}
	return copied, nil
}
