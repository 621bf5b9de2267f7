package peft

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

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
	if a.none() {
		return Base(), errNoBackbone
	}
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
// matches [ErrTensor] ([Lenient] allows more, [AllowNotFinite] just the last of these). A folder without an adapter matches [ErrAdapter]; errors of its config
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
	if o.calibrate != nil {
		return nil, seam.Inputf("Calibrate", "is for a fresh adapter: one from a file needs no data")
	}
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
	resized := on
	if on, err = on.replicatedFor(cfg); err != nil {
		return nil, fmt.Errorf("%s: %w", filepath.Join(dir, ConfigFile), err)
	}
	if on != resized && resized != a.backbone {
		return nil, fmt.Errorf("%w: %s: an adapter with a vocabulary or classes and a list of blocks of its own", ErrUnsupported, dir)
	}
	planning := seam.Planning{Lenient: o.lenient, Loaded: true}
	if unopened == nil {
		planning.FileShape = func(key string) ([]int, bool) {
			info, ok := file.Info(key)
			return info.Shape, ok
		}
	}
	ad, err := newAdapter(name, on, cfg, planning)
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
		return nil, &also{unopened, ErrTensor} // a damaged file
	}
	if on != a.backbone {
		if ad.ownSized = a.backbone.resizedPaths(on); on.layers != nil {
			ad.ownSized = on.inBlocks()
		}
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
	if !o.notFinite {
		if err := checkFinite(path, file); err != nil {
			return nil, err
		}
	}
	if err := ad.initialize(o.seed, values, nil); err != nil {
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
