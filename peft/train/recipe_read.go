package train

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"

	"github.com/gopeft/gopeft/internal/names"
)

// ReadRecipe reads a recipe from a JSON file, or a YAML one by its extension (.yaml, .yml). An unknown key is an error
// that names the nearest known one. Errors match ErrRecipe and name the file.
func ReadRecipe(path string) (*Recipe, error) {
	raw, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrRecipe, err)
	}
	if ext := strings.ToLower(filepath.Ext(path)); ext == ".yaml" || ext == ".yml" {
		if raw, err = yaml.YAMLToJSON(raw); err != nil {
			return nil, fmt.Errorf("%w: %s: %s", ErrRecipe, path, firstLine(err.Error()))
		}
	}
	r := &Recipe{}
	if err := decodeStrict(raw, r); err != nil {
		return nil, fmt.Errorf("%w: %s: %w", ErrRecipe, path, err)
	}
	if err := r.validate(); err != nil {
		return nil, fmt.Errorf("%w: %s: %w", ErrRecipe, path, err)
	}
	return r, nil
}

func firstLine(s string) string {
	s, _, _ = strings.Cut(s, "\n")
	return s
}

// decodeStrict decodes one JSON value and refuses unknown keys.
func decodeStrict(raw []byte, v any) error {
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.DisallowUnknownFields()
	err := dec.Decode(v)
	var te *json.UnmarshalTypeError
	switch {
	case errors.As(err, &te):
		return fmt.Errorf("%s: want %s, got a %s", te.Field, te.Type, te.Value)
	case err != nil:
		if name, ok := strings.CutPrefix(err.Error(), "json: unknown field "); ok {
			name = strings.Trim(name, `"`)
			return fmt.Errorf("unknown key %q: did you mean %q?", name, nearest(name, keysOf(reflect.TypeOf(v).Elem())))
		}
		return err
	}
	if _, err := dec.Token(); err != io.EOF {
		return fmt.Errorf("text after the recipe")
	}
	return nil
}

// keysOf lists the keys of a struct and of those inside it.
func keysOf(t reflect.Type) []string {
	var out []string
	for i := range t.NumField() {
		f := t.Field(i)
		if name, _, _ := strings.Cut(f.Tag.Get("json"), ","); name != "" {
			out = append(out, name)
		}
		if f.Type.Kind() == reflect.Struct {
			out = append(out, keysOf(f.Type)...)
		}
	}
	return out
}

// nearest is the known word with the smallest edit distance.
func nearest(word string, known []string) string {
	return slices.MinFunc(known, func(a, b string) int { return names.Distance(word, a) - names.Distance(word, b) })
}

func (r *Recipe) validate() error {
	missing := func(name string) error { return fmt.Errorf("%s: is missing", name) }
	switch {
	case r.Backbone == "":
		return missing("backbone")
	case r.Out == "":
		return missing("out")
	case len(r.Adapter.Config) == 0 && r.Adapter.Load == "":
		return missing("adapter")
	case len(r.Adapter.Config) > 0 && r.Adapter.Load != "":
		return fmt.Errorf("adapter: has config and load; one of them says what to train")
	case r.Adapter.Load != "" && r.Adapter.Init != "":
		return fmt.Errorf("adapter: init goes with config, not with load")
	case r.Train.JSONL == "" && r.Train.Tensors == "":
		return missing("train")
	case r.Epochs == 0 && r.Steps == 0:
		return missing("epochs (or steps)")
	}
	for name, d := range map[string]RecipeData{"train": r.Train, "eval": r.Eval} {
		if d.JSONL != "" && d.Tensors != "" {
			return fmt.Errorf("%s: has jsonl and tensors; one of them is the data", name)
		}
		if d.JSONL == "" && d.Tensors == "" && d != (RecipeData{}) {
			return fmt.Errorf("%s: needs jsonl or tensors", name)
		}
	}
	for name, n := range map[string]int{
		"max_length": r.MaxLength, "batch_size": r.BatchSize, "epochs": r.Epochs, "steps": r.Steps, "checkpoint_every": r.CheckpointEvery,
	} {
		if n < 0 {
			return fmt.Errorf("%s: must not be negative, is %d", name, n)
		}
	}
	if r.MaxGradNorm != nil && !(*r.MaxGradNorm >= 0) {
		return fmt.Errorf("max_grad_norm: must not be negative, is %v", *r.MaxGradNorm)
	}
	_, err := r.Options()
	return err
}
