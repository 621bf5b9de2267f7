package peft

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/gomlx/compute/dtypes"

	"github.com/gopeft/gopeft/internal/names"
	"github.com/gopeft/gopeft/internal/safetensors"
	"github.com/gopeft/gopeft/peft/seam"
)

// Load opens an adapter from its folder, as HF PEFT and [Adapted.Save] write them, and puts it on a model. The
// adapter gets the folder's name. See [Adapted.LoadAs].
func Load(b *Backbone, dir string, opts ...Option) (*Adapted, error) {
	a := New(b)
	_, err := a.LoadAs(filepath.Base(filepath.Clean(dir)), dir, opts...)
	return a, err
}

// LoadAll loads several adapters, each under its folder's name, and gives the selection of all of them in this order.
// After an error the adapters that were loaded before it stay.
func (a *Adapted) LoadAll(dirs []string, opts ...Option) (Selection, error) {
	var names []string
	for _, dir := range dirs {
		name := filepath.Base(filepath.Clean(dir))
		if _, err := a.LoadAs(name, dir, opts...); err != nil {
			return Base(), err
		}
		names = append(names, name)
	}
	return Use(names...), nil
}

// LoadAs opens an adapter from its folder, as HF PEFT writes them, and puts it beside the others under a name.
//
// It is strict: a tensor that is missing, too many, of another shape or not finite is an error that names it and
// matches [ErrTensor] ([Lenient] allows more). A folder without an adapter matches [ErrAdapter]; errors of its config
// are those of [ParseConfig]. Weights are read from safetensors files only, and those of half precision become
// float32.
//
// An adapter may bring a vocabulary or classes of its own, as after transformers' resize_token_embeddings: its
// embeddings or its head then have more or fewer rows than the model's, and [Adapter.Info] tells their number. All
// values that depend on it must be in the file, as HF PEFT writes them.
func (a *Adapted) LoadAs(name, dir string, opts ...Option) (*Adapter, error) {
	if err := a.takes(name); err != nil {
		return nil, err
	}
	ad, err := a.open(name, dir, gather(opts))
	if err != nil {
		return nil, err
	}
	return ad, a.add(ad)
}

// open reads an adapter from its folder, and adds it to nothing yet.
func (a *Adapted) open(name, dir string, o options) (*Adapter, error) {
	if err := a.backbone.enter(); err != nil {
		return nil, err
	}
	defer a.backbone.leave()
	cfg, err := ReadConfig(dir)
	if err != nil {
		return nil, err
	}
	_, path := adapterPaths(dir)
	on, file, unopened := a.backbone, (*safetensors.File)(nil), error(nil)
	if file, unopened = safetensors.Open(path); unopened == nil {
		defer file.Close()
		if on, err = on.fitted(path, file, cfg); err != nil {
			return nil, err
		}
	}
	ad, err := newAdapter(name, on, cfg, seam.Planning{Lenient: o.lenient, Loaded: true})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", filepath.Join(dir, ConfigFile), err)
	}
	if err := ad.checkClasses(a.backbone.Info().Classes); err != nil {
		return nil, fmt.Errorf("%s: %w", filepath.Join(dir, ConfigFile), err)
	}
	if errors.Is(unopened, fs.ErrNotExist) {
		return nil, fmt.Errorf("%w: %s has no %s%s", ErrTensor, dir, WeightsFile, pickleHint(dir))
	}
	if unopened != nil {
		return nil, unopened
	}
	if on != a.backbone {
		ad.ownSized = a.backbone.resizedPaths(on)
	}
	embeddings, err := ad.ownEmbeddings(path, file)
	if err != nil {
		return nil, err
	}
	if err := ad.ownStatistics(o.statistics, file.Names()); err != nil {
		return nil, fmt.Errorf("%s: %w", dir, err)
	}
	values, err := ad.readValues(path, file, embeddings, o.lenient)
	if err != nil {
		return nil, err
	}
	if err := ad.initialize(o.seed, values); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return ad, nil
}

// ReadConfig reads an adapter's settings from its folder. A folder without an adapter_config.json matches
// [ErrAdapter]; errors of its content are those of [ParseConfig].
func ReadConfig(dir string) (Config, error) {
	path, _ := adapterPaths(dir)
	raw, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("%w: no adapter in %s: %w", ErrAdapter, dir, err)
	}
	cfg, err := ParseConfig(raw)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return cfg, nil
}

func pickleHint(dir string) string {
	if _, err := os.Stat(filepath.Join(dir, "adapter_model.bin")); err == nil {
		return "; adapter_model.bin is a pickle, which can run code and is not read: save it again as safetensors"
	}
	return ""
}

// readValues reads the adapter's values from its file, by file key. Those of embeddings were read before, by
// ownEmbeddings.
func (a *Adapter) readValues(path string, file *safetensors.File, embeddings map[string][]float32, lenient bool) (map[string][]float32, error) {
	byKey := map[string]string{} // our key to the file's
	for _, n := range file.Names() {
		key := a.fullKey(a.backbone.withoutAlias(n))
		if other, ok := byKey[key]; ok {
			return nil, &TensorError{Path: path, Tensor: n, Reason: "is the same value as " + other}
		}
		byKey[key] = n
	}
	out := map[string][]float32{}
	for i := range a.plan.Params {
		p := &a.plan.Params[i]
		if p.Const != nil {
			continue
		}
		key := p.FileKey()
		if values := embeddings[key]; values != nil {
			out[key] = values
			continue
		}
		name, ok := byKey[key]
		if !ok {
			if lenient || p.Moving && p.Saved == "" { // HF PEFT's file has none
				continue
			}
			return nil, &TensorError{Path: path, Tensor: key, Reason: "is missing" + nearKeys(key, file.Names())}
		}
		delete(byKey, key)
		info, _ := file.Info(name)
		if !slices.Equal(info.Shape, p.Shape) {
			return nil, &TensorError{Path: path, Tensor: name, Reason: fmt.Sprintf("has shape %v, this backbone and config want %v", info.Shape, p.Shape)}
		}
		var err error
		if out[key], err = readFloats(path, file, name); err != nil {
			return nil, err
		}
		if i := notFinite(out[key]); i >= 0 && !lenient {
			return nil, &TensorError{Path: path, Tensor: name, Reason: fmt.Sprintf("its number %d is %v (Lenient allows it)", i, out[key][i])}
		}
	}
	for key, name := range byKey {
		if _, known := embeddings[key]; !known && !lenient && !a.redundant(key) {
			return nil, &TensorError{Path: path, Tensor: name, Reason: "belongs to nothing in this backbone and config" + nearKeys(key, a.fileKeysPlanned())}
		}
	}
	return out, nil
}

// readFloats reads a tensor of a file in float32, row by row.
func readFloats(path string, file *safetensors.File, name string) ([]float32, error) {
	t, err := file.TensorAs(name, dtypes.Float32)
	if err != nil {
		return nil, err
	}
	flat, err := safetensors.Floats(t)
	if err != nil {
		return nil, &TensorError{Path: path, Tensor: name, Reason: err.Error()}
	}
	return flat, nil
}

// notFinite gives the place of the first number that is NaN or infinite, -1 where there is none.
func notFinite(values []float32) int {
	return slices.IndexFunc(values, func(v float32) bool { return v-v != 0 })
}

// withoutAlias gives a file's key with the path of the module that it belongs to, where the file has another name for
// that.
func (b *Backbone) withoutAlias(key string) string {
	const prefix = "base_model.model."
	rest, cut := strings.CutPrefix(key, prefix)
	for end := strings.LastIndex(rest, "."); end > 0; end = strings.LastIndex(rest[:end], ".") {
		if path, ok := b.net.PathOf(rest[:end]); ok {
			rest = path + rest[end:]
			break
		}
	}
	if cut {
		return prefix + rest
	}
	return rest
}

// fullKey adds the prefix that files written without a PeftModel around the backbone lack.
func (a *Adapter) fullKey(name string) string {
	full := "base_model.model." + name
	if !strings.HasPrefix(name, "base_model.") && slices.Contains(a.fileKeysPlanned(), full) {
		return full
	}
	return name
}

func (a *Adapter) fileKeysPlanned() []string {
	var out []string
	for i := range a.plan.Params {
		if p := &a.plan.Params[i]; p.Const == nil {
			out = append(out, p.FileKey())
		}
	}
	return out
}

// redundant reports whether a key of a file is known but no value of the adapter: the names of HF PEFT's wrappers for
// a saved module's values, and the numbers of batches that batch norms have seen.
func (a *Adapter) redundant(key string) bool {
	return slices.ContainsFunc(a.wrappedBiases(), func(w wrappedBias) bool { return key == w.trained || key == w.original }) ||
		slices.ContainsFunc(a.extras, func(e extra) bool { return key == e.key }) ||
		slices.Contains(slices.Collect(maps.Keys(a.counts())), key)
}

func nearKeys(key string, have []string) string {
	if n := names.Near(key, have, 3); len(n) > 0 {
		return "; near: " + strings.Join(n, ", ")
	}
	return ""
}
