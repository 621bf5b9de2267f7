package peft

import (
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"

	"github.com/gopeft/gopeft/internal/atomicfile"
	"github.com/gopeft/gopeft/internal/safetensors"
)

// companions are the files beside a checkpoint's weights that a copy of it needs as well.
var companions = []string{
	"generation_config.json", "tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "vocab.txt",
	"vocab.json", "merges.txt", "tokenizer.model", "spiece.model",
	"preprocessor_config.json", "processor_config.json",
}

// Save writes the model as a transformers folder: config.json, model.safetensors and, from the folder that it was
// read from, the files of the tokenizer and the preprocessors. It is how a merged model is handed on: transformers
// opens the folder and computes the same. A folder that holds an adapter is refused. A merge that changed one of two
// tied values only can't be written, and matches [ErrMerge]. After an error the files that stood there before are
// still whole.
func (b *Backbone) Save(dir string) error {
	if err := b.enter(); err != nil {
		return err
	}
	defer b.leave()
	if dir == "" {
		return fmt.Errorf("%w: the name of the folder is empty", ErrInput)
	}
	if _, err := os.Stat(filepath.Join(dir, ConfigFile)); err == nil {
		return fmt.Errorf("%w: %s holds an adapter: a backbone has a folder of its own", ErrInput, dir)
	}
	values := maps.Collect(b.Values())
	for path, same := range b.origin.Tied {
		if values[path] != values[same] {
			return fmt.Errorf("%w: %s and %s are tied, but only one of them was changed by merging", ErrMerge, path, same)
		}
		delete(values, path)
	}
	for path, t := range values {
		if !b.swapped(path) {
			continue
		}
		var err error
		if values[path], err = safetensors.Transpose(t); err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
	}
	for path, name := range b.origin.Stored {
		if v, ok := values[path]; ok {
			values[name] = v
			delete(values, path)
		}
	}
	entries := []atomicfile.Entry{{Name: "model.safetensors", Fill: func(w io.Writer) error {
		return safetensors.Encode(w, values, nil)
	}}}
	if b.origin.Dir != "" {
		for _, name := range companions {
			raw, err := os.ReadFile(filepath.Join(b.origin.Dir, name))
			if os.IsNotExist(err) {
				continue
			}
			if err != nil {
				return err
			}
			entries = append(entries, bytesEntry(name, raw))
		}
	}
	entries = append(entries, bytesEntry("config.json", b.origin.Config))
	return atomicfile.WriteDir(dir, entries...)
}

func bytesEntry(name string, raw []byte) atomicfile.Entry {
	return atomicfile.Entry{Name: name, Fill: func(w io.Writer) error { _, err := w.Write(raw); return err }}
}
