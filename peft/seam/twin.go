package seam

import (
	"slices"

	"github.com/gopeft/gopeft/internal/names"
	"github.com/gopeft/gopeft/internal/safetensors"
)

// Twin is a second place of one value, where modules share a weight and what changes it is to stay one.
type Twin struct {
	// Replaces is another frozen value that the value takes the place of, "" for none.
	Replaces string
	// Key is the key under which the value stands in the adapter's file once more, "" for none. A file may lack it.
	Key string
	// Swapped says that the axes are in the other order there.
	Swapped bool
}

// LaidOut gives a value with its axes in the order of the twin.
func (w *Twin) LaidOut(t *Tensor) (*Tensor, error) {
	if !w.Swapped {
		return t, nil
	}
	return safetensors.Transpose(t)
}

// Tying is implemented by configs that may keep the embeddings and what shares their weight one (ensure_weight_tying): a module
// of modules_to_save is then trained for all modules that share its weight, and saved for each.
type Tying interface {
	// Ties reports whether the config asks for it.
	Ties() bool
}

// tieSaved turns the modules to save into those that own their weight, where several share one.
func (b *Blueprint) tieSaved() {
	b.savedTwins = map[string]string{}
	for i, m := range b.modulesToSave {
		owner := b.Owner(m)
		others := b.TiedTo(owner)
		if len(others) == 0 {
			continue
		}
		b.modulesToSave[i] = owner
		for _, other := range others {
			if other != owner {
				b.savedTwins[owner+".weight"] = other + ".weight"
			}
		}
	}
	slices.Sort(b.modulesToSave)
	b.modulesToSave = slices.Compact(b.modulesToSave)
}

// IsTiedName reports whether a name in modules_to_save or target_modules is one by which HF PEFT knows embeddings, and ties
// them where that is asked for: embed_tokens and lm_head. Others, as GPT-2's wte, stay apart all the same.
func IsTiedName(name string) bool {
	_, last := names.CutLast(name)
	return last == "embed_tokens" || last == "lm_head"
}

// twinOf gives the twin of a saved value, nil where it has none.
func (b *Blueprint) twinOf(path string) *Twin {
	other, ok := b.savedTwins[path]
	if !ok {
		return nil
	}
	module, name := names.CutLast(other)
	return &Twin{Replaces: other, Key: "base_model.model." + module + "." + name}
}

// isTwin reports whether a saved value is kept under another path.
func (b *Blueprint) isTwin(path string) bool {
	for _, other := range b.savedTwins {
		if other == path {
			return true
		}
	}
	return false
}
