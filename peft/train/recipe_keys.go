package train

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/gopeft/gopeft/internal/names"
)

// decodeStrict decodes one JSON object into a struct. encoding/json takes keys in any case, the last of equal ones and
// by default unknown ones; here they are errors.
func decodeStrict(raw []byte, v any) error {
	var whole json.RawMessage
	err := json.Unmarshal(raw, &whole)
	if se := (*json.SyntaxError)(nil); errors.As(err, &se) {
		return fmt.Errorf("line %d: %w", bytes.Count(raw[:se.Offset], []byte("\n"))+1, err)
	}
	if err == nil {
		err = checkKeys(json.NewDecoder(bytes.NewReader(raw)), reflect.TypeOf(v).Elem(), "")
	}
	if err == nil {
		err = json.Unmarshal(raw, v)
	}
	if te := (*json.UnmarshalTypeError)(nil); errors.As(err, &te) {
		return fmt.Errorf("%s: got %s, want %s", cmp.Or(te.Field, "the recipe"), te.Value, describe(te.Type))
	}
	return err
}

// checkKeys reads one value and looks at the keys of objects that are to become structs.
func checkKeys(dec *json.Decoder, t reflect.Type, path string) error {
	first, err := dec.Token()
	if err != nil || first != json.Delim('{') && first != json.Delim('[') {
		return err
	}
	if t != nil && t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	seen := map[string]bool{}
	for dec.More() {
		inner, at := reflect.Type(nil), path
		if first == json.Delim('{') {
			key, err := dec.Token()
			if err != nil {
				return err
			}
			name := key.(string)
			if at = strings.TrimPrefix(path+"."+name, "."); seen[name] {
				return fmt.Errorf("%s: is there twice", at)
			}
			seen[name] = true
			if t != nil && t.Kind() == reflect.Struct {
				keys := keysOf(t)
				if inner = keys[name]; inner == nil {
					return fmt.Errorf("unknown key %q: did you mean %q?", at, strings.TrimPrefix(path+"."+nearest(name, keys), "."))
				}
			}
		}
		if err := checkKeys(dec, inner, at); err != nil {
			return err
		}
	}
	_, err = dec.Token()
	return err
}

// keysOf lists the keys of a struct with the types of their values.
func keysOf(t reflect.Type) map[string]reflect.Type {
	out := map[string]reflect.Type{}
	for i := range t.NumField() {
		f := t.Field(i)
		out[f.Tag.Get("json")] = f.Type
	}
	return out
}

// nearest is the known key with the smallest edit distance.
func nearest(word string, keys map[string]reflect.Type) string {
	var known []string
	for key := range keys {
		known = append(known, key)
	}
	slices.Sort(known)
	return slices.MinFunc(known, func(a, b string) int { return names.Distance(word, a) - names.Distance(word, b) })
}

// describe says what a field takes in the words of a recipe's writer.
func describe(t reflect.Type) string {
	switch t.Kind() {
	case reflect.Float64:
		return "a number"
	case reflect.Int:
		return "a whole number"
	case reflect.Uint64:
		return "a whole number of at least 0"
	case reflect.Bool:
		return "true or false"
	case reflect.String:
		return "a string"
	case reflect.Slice, reflect.Array:
		return "a list"
	}
	return "an object"
}
