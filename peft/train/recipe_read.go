package train

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// ReadRecipe reads a recipe from a JSON file, or a YAML one by its extension (.yaml, .yml). An unknown key is an error
// that names the nearest known one. Errors match ErrRecipe and name the file.
func ReadRecipe(path string) (*Recipe, error) {
	raw, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrRecipe, err)
	}
	if ext := strings.ToLower(filepath.Ext(path)); ext == ".yaml" || ext == ".yml" {
		if raw, err = yamlToJSON(raw); err != nil {
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
	r.inherit()
	return r, nil
}

func firstLine(s string) string {
	s, _, _ = strings.Cut(s, "\n")
	return s
}

// inherit gives the evaluation data the field names of the training data where it has none of its own.
func (r *Recipe) inherit() {
	if r.Eval.JSONL == "" {
		return
	}
	for _, f := range []struct{ own, from *string }{
		{&r.Eval.Text, &r.Train.Text}, {&r.Eval.TextPair, &r.Train.TextPair}, {&r.Eval.Label, &r.Train.Label},
	} {
		if *f.own == "" {
			*f.own = *f.from
		}
	}
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
		"accumulate": r.Accumulate, "eval_every": r.EvalEvery,
	} {
		if n < 0 {
			return fmt.Errorf("%s: must not be negative, is %d", name, n)
		}
	}
	if r.MaxGradNorm != nil && !(*r.MaxGradNorm >= 0) {
		return fmt.Errorf("max_grad_norm: must not be negative, is %v", *r.MaxGradNorm)
	}
	if e := r.EarlyStopping; e != nil {
		switch {
		case r.Eval == (RecipeData{}):
			return fmt.Errorf("early_stopping: needs eval")
		case e.Patience < 0:
			return fmt.Errorf("early_stopping.patience: must not be negative, is %d", e.Patience)
		case !(e.MinDelta >= 0):
			return fmt.Errorf("early_stopping.min_delta: must not be negative, is %v", e.MinDelta)
		}
	}
	_, err := r.Options()
	return err
}
