package pefttest

import (
	"bytes"
	"encoding/json"
	"errors"
	"reflect"
	"slices"
	"strings"

	"github.com/gopeft/gopeft/peft"
	"github.com/gopeft/gopeft/peft/seam"
)

// lawBad puts values of every form at every key. Those of a wrong type must be refused; whatever is refused must be
// so by a typed error that names a key.
func lawBad(tr *trial) {
	raw := get(seam.MarshalConfig(tr.cfg))
	keys, defaults := get(parseObject(raw)), get(parseObject(get(seam.MarshalConfig(tr.zero()))))
	b := tr.backbone()
	for key := range keys {
		if slices.Contains(notSettings[:2], key) {
			continue
		}
		for _, bad := range wrongForms(defaults[key]) {
			if bad == "null" && takesNull(tr.cfg, key) {
				continue
			}
			err := attachFile(b, change(raw, map[string]json.RawMessage{key: json.RawMessage(bad)}))
			if field := fieldIn(err); err == nil || field != key {
				tr.failf("%s = %s: want an error that names the field, got: %v", key, bad, err)
			}
		}
		for _, odd := range []string{"-1", "0", "0.5", "-1e30", "1e400", `""`, `"NaN"`, `["conform"]`, `[-1]`, `{"conform":-1}`, `{"(":1}`, "null"} {
			err := attachFile(b, change(raw, map[string]json.RawMessage{key: json.RawMessage(odd)}))
			if _, known := keys[fieldIn(err)]; err != nil && !known {
				tr.failf("%s = %s: want a typed error that names a field, got: %v", key, odd, err)
			}
		}
		if err := attachFile(b, withNaN(raw, key)); !errors.Is(err, peft.ErrConfig) {
			tr.failf("%s = NaN: want ErrConfig, got: %v", key, err)
		}
	}
	for _, bad := range tr.c.Bad {
		err := attachFile(b, change(raw, get(parseObject([]byte(bad.Change)))))
		if fieldIn(err) != bad.Field {
			tr.failf("%s: want an error that names %s, got: %v", bad.Change, bad.Field, err)
		}
	}
}

// wrongForms are values that a key with such a default can't take; anything may stand where null does.
func wrongForms(def json.RawMessage) []string {
	if len(def) == 0 { // a key that is left out by default
		return nil
	}
	switch c := def[0]; {
	case c == 't' || c == 'f':
		return []string{"3", "[true]", `{"a":true}`, "null"}
	case c == '"':
		return []string{"3", `["a"]`, `{"a":"b"}`, "null"}
	case c == '[':
		return []string{`{"a":[]}`}
	case c == '{':
		return []string{"3", `"a"`, "[1]", "true"}
	case c == 'n':
		return nil
	}
	return []string{`"x"`, `"NaN"`, `"3"`, "true", "[3]", `{"a":3}`, "null", "1e400"}
}

// takesNull reports whether null is a value of its own at a key.
func takesNull(cfg peft.Config, key string) bool {
	for _, f := range configFields(cfg) {
		if name, _, _ := strings.Cut(f.Tag.Get("json"), ","); name == key {
			_, ok := reflect.New(f.Type).Interface().(interface{ TakesNull() })
			return ok
		}
	}
	return false
}

// withNaN writes Python's NaN, which is not JSON.
func withNaN(raw []byte, key string) []byte {
	const mark = `"conform NaN"`
	return bytes.Replace(change(raw, map[string]json.RawMessage{key: json.RawMessage(mark)}), []byte(mark), []byte("NaN"), 1)
}

// attachFile goes all the way from a file to an adapter.
func attachFile(b *peft.Backbone, raw []byte) error {
	cfg, err := peft.ParseConfig(raw)
	if err != nil {
		return err
	}
	_, err = peft.Attach(b, "a", cfg, fed(cfg)...)
	return err
}

// fieldIn gives the key that a typed error names, "" where there is none.
func fieldIn(err error) string {
	var field *peft.FieldError
	var option *peft.UnsupportedError
	var target *peft.TargetError
	switch {
	case errors.As(err, &field):
		return field.Field
	case errors.As(err, &option):
		name, _, _ := strings.Cut(option.Option, " ")
		return name
	case errors.As(err, &target):
		return target.Field
	}
	return ""
}
