package lora

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/gopeft/gopeft/peft/seam"
)

// The objects inside of LoRA's config, as kasa_config, are structs like Config itself: a field's zero value means the default
// of its tag, and seam.Zero a 0. They are written with the fields that are set; in an adapter's file with all, see filled.

// eachSetting calls f for the fields of an object.
func eachSetting(v reflect.Value, f func(key, def string, field reflect.Value)) {
	for _, sf := range reflect.VisibleFields(v.Type()) {
		if !sf.IsExported() {
			continue
		}
		f(sf.Tag.Get("json"), sf.Tag.Get("default"), v.FieldByIndex(sf.Index))
	}
}

// isFloat reports whether a setting's 0 means its default, and seam.Zero a 0.
func isFloat(v reflect.Value) bool { return v.Kind() == reflect.Float64 }

// readSettings fills the object that into points to. Unknown keys and values that would stand for a default are refused.
func readSettings(raw []byte, into any) error {
	keys := map[string]json.RawMessage{}
	if err := json.Unmarshal(raw, &keys); err != nil || keys == nil {
		return fmt.Errorf("want an object")
	}
	var bad error
	v := reflect.ValueOf(into).Elem()
	v.SetZero()
	var known []string
	eachSetting(v, func(key, def string, field reflect.Value) {
		known = append(known, key)
		value, ok := keys[key]
		delete(keys, key)
		if !ok || bad != nil {
			return
		}
		if string(value) == "null" && def == "null" {
			return
		}
		if err := json.Unmarshal(value, field.Addr().Interface()); err != nil || string(value) == "null" {
			bad = fmt.Errorf("%s: want %s, got %s", key, field.Type(), value)
			return
		}
		if isFloat(field) && field.Float() == 0 {
			field.SetFloat(seam.Zero)
		}
		if field.IsZero() {
			def := reflect.New(field.Type()).Elem()
			if json.Unmarshal([]byte(eachDefault(v, key)), def.Addr().Interface()) != nil || !def.IsZero() {
				bad = fmt.Errorf("%s: %s is not a value for it", key, value)
			}
		}
	})
	for key := range keys {
		if bad == nil {
			bad = fmt.Errorf("has no %q: its keys are %s", key, strings.Join(slices.Sorted(slices.Values(known)), ", "))
		}
	}
	return bad
}

// eachDefault gives the default tag of a key.
func eachDefault(v reflect.Value, key string) (out string) {
	eachSetting(v, func(k, def string, _ reflect.Value) {
		if k == key {
			out = def
		}
	})
	return out
}

// writeSettings writes the settings of an object that are set; where it is whole, null for the others.
func writeSettings(object any, whole bool) ([]byte, error) {
	out := map[string]any{}
	eachSetting(reflect.ValueOf(object), func(key, def string, field reflect.Value) {
		if field.IsZero() && def == "null" && whole {
			out[key] = nil
		}
		if field.IsZero() && (!whole || def == "null") {
			return
		}
		out[key] = field.Interface()
		if isFloat(field) && field.Float() == seam.Zero {
			out[key] = 0.0
		}
	})
	return json.Marshal(out)
}

// filled gives a copy of an object in which each setting is set that has a default other than 0: what an adapter's file says,
// so that readers need not know the defaults.
func filled[T any](object T) T {
	v := reflect.ValueOf(&object).Elem()
	eachSetting(v, func(_, def string, field reflect.Value) {
		if !field.IsZero() || def == "null" {
			return
		}
		if err := json.Unmarshal([]byte(def), field.Addr().Interface()); err != nil {
			panic(fmt.Sprintf("default %s: %v", def, err)) // a bug in a struct tag, found by the suite
		}
	})
	return object
}
