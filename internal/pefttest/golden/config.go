package golden

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
)

// sameConfig compares two adapter_config.json by content. The order of lists is not kept, since HF PEFT writes sets,
// and the version differs.
func sameConfig(wantPath, gotPath string) error {
	var want, got map[string]any
	if err := errors.Join(readJSON(wantPath, &want), readJSON(gotPath, &got)); err != nil {
		return err
	}
	delete(want, "peft_version")
	delete(got, "peft_version")
	var errs []error
	for _, key := range slices.Sorted(maps.Keys(want)) {
		if v, ok := got[key]; !ok {
			errs = append(errs, fmt.Errorf("saved config: %s is missing, want %v", key, want[key]))
		} else if w := unordered(want[key]); !reflect.DeepEqual(w, unordered(v)) {
			errs = append(errs, fmt.Errorf("saved config: %s is %v, want %v", key, v, want[key]))
		}
	}
	for _, key := range slices.Sorted(maps.Keys(got)) {
		if _, ok := want[key]; !ok {
			errs = append(errs, fmt.Errorf("saved config: %s = %v is too many", key, got[key]))
		}
	}
	return errors.Join(errs...)
}

// unordered sorts every list of a JSON value.
func unordered(v any) any {
	switch v := v.(type) {
	case map[string]any:
		out := make(map[string]any, len(v))
		for k, x := range v {
			out[k] = unordered(x)
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i, x := range v {
			out[i] = unordered(x)
		}
		slices.SortFunc(out, func(a, b any) int { return strings.Compare(text(a), text(b)) })
		return out
	}
	return v
}

func text(v any) string {
	raw, err := json.Marshal(v)
	if err != nil {
		return err.Error()
	}
	return string(raw)
}
