package tokenizer

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// object is a JSON object of a tokenizer file and its place there, for errors.
type object struct {
	place  string
	fields map[string]json.RawMessage
}

func parseObject(place string, raw json.RawMessage) (object, error) {
	o := object{place: place}
	if err := json.Unmarshal(raw, &o.fields); err != nil {
		return o, &FieldError{place, fmt.Errorf("%w: want an object: %v", ErrFormat, err)}
	}
	return o, nil
}

func (o object) at(key string) string {
	if o.place == "" {
		return key
	}
	return o.place + "." + key
}

// has reports whether key is there and not null.
func (o object) has(key string) bool {
	raw, ok := o.fields[key]
	return ok && string(raw) != "null"
}

// field returns a field that must be there.
func field[T any](o object, key string) (T, error) {
	var v T
	if !o.has(key) {
		return v, &FieldError{o.at(key), fmt.Errorf("%w: missing", ErrFormat)}
	}
	if err := json.Unmarshal(o.fields[key], &v); err != nil {
		return v, &FieldError{o.at(key), fmt.Errorf("%w: %v", ErrFormat, err)}
	}
	return v, nil
}

// fieldOr returns a field, or a default where it is absent or null.
func fieldOr[T any](o object, key string, otherwise T) (T, error) {
	if !o.has(key) {
		return otherwise, nil
	}
	return field[T](o, key)
}

// component parses the part of a tokenizer at place by its "type"; null is the zero T. The parsers are given
// by a function so that a Sequence can hold components of its own kind.
func component[T any](place string, raw json.RawMessage, parsers func() map[string]func(object) (T, error)) (T, error) {
	var none T
	if len(raw) == 0 || string(raw) == "null" {
		return none, nil
	}
	o, err := parseObject(place, raw)
	if err != nil {
		return none, err
	}
	typ, err := field[string](o, "type")
	if err != nil {
		return none, err
	}
	known := parsers()
	parse, ok := known[typ]
	if !ok {
		names := slices.Sorted(maps.Keys(known))
		return none, &FieldError{o.at("type"), fmt.Errorf("%w %q: known are %s", ErrUnsupported, typ,
			strings.Join(names, ", "))}
	}
	return parse(o)
}

// components parses the list of components under key.
func components[T any](o object, key string, parsers func() map[string]func(object) (T, error)) ([]T, error) {
	raws, err := field[[]json.RawMessage](o, key)
	if err != nil {
		return nil, err
	}
	out := make([]T, len(raws))
	for i, raw := range raws {
		place := fmt.Sprintf("%s[%d]", o.at(key), i)
		if string(raw) == "null" {
			return nil, &FieldError{place, fmt.Errorf("%w: null", ErrFormat)}
		}
		if out[i], err = component(place, raw, parsers); err != nil {
			return nil, err
		}
	}
	return out, nil
}
