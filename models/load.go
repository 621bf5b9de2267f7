package models

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"

	"github.com/gopeft/gopeft/internal/safetensors"
	"github.com/gopeft/gopeft/models/arch"
	"github.com/gopeft/gopeft/peft"
)

// Load opens a transformers checkpoint folder as a frozen backbone. Where there is no folder of that name, it is looked for
// as a model's name in the cache of huggingface_hub (HF_HUB_CACHE, HF_HOME, ~/.cache/huggingface/hub). Errors match ErrFolder, ErrFamily, ErrWeights,
// arch.ErrConfig, or those of the engine.
func Load(dir string, opts ...LoadOption) (*peft.Backbone, error) {
	o, dtype, err := gather(opts)
	if err == nil {
		dir, err = o.find(dir)
	}
	if err != nil {
		return nil, err
	}
	net, fam, raw, err := open(dir, &o)
	if err != nil {
		return nil, err
	}
	file, err := safetensors.OpenCheckpoint(dir, "model")
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%w: %w", ErrFolder, err)
	}
	if err != nil {
		return nil, err
	}
	defer file.Close()
	return o.onEngine(func(e *peft.Engine) (*peft.Backbone, error) {
		r := &reader{dir: dir, file: file, prefix: fam.Prefix, dtype: dtype, seed: o.seed, newHead: o.labels != nil, engine: e}
		if err := r.read(net.Values()); err != nil {
			return nil, err
		}
		return peft.NewBackbone(net, r.values, e, peft.Origin{
			Dir: dir, Config: raw, Tied: r.tied, Stored: r.stored, Drawn: r.drawn, Buffers: buffers(net.Values()),
			Resized: resizer(raw),
		})
	})
}

// open reads a folder's config and makes its network. It gives the config as it is to be written out again.
func open(dir string, o *options) (arch.Network, arch.Family, []byte, error) {
	path := filepath.Join(dir, "config.json")
	raw, err := os.ReadFile(path)
	if err != nil {
		return nil, arch.Family{}, nil, fmt.Errorf("%w: %w", ErrFolder, err)
	}
	return build(path, raw, o)
}

// build makes the network of a config, which path names in errors.
func build(path string, raw []byte, o *options) (arch.Network, arch.Family, []byte, error) {
	fail := func(err error) (arch.Network, arch.Family, []byte, error) {
		return nil, arch.Family{}, nil, err
	}
	cfg, err := arch.ParseConfig(raw)
	if err != nil {
		return fail(fmt.Errorf("%s: %w", path, err))
	}
	fam, err := family(arch.Get(cfg, "model_type", ""))
	if err != nil {
		return fail(fmt.Errorf("%s: %w", path, err))
	}
	class := cfg.Architecture()
	if o.hasTask {
		if class, err = classOf(fam, o.task); err != nil {
			return fail(err)
		}
	}
	task, err := taskOf(fam, class)
	if err != nil {
		return fail(fmt.Errorf("%s: %w", path, err))
	}
	changed := o.hasTask && class != cfg.Architecture()
	if changed {
		cfg.Set("architectures", []string{class})
	}
	if o.labels != nil {
		changed = true
		setLabels(cfg, o.labels)
	}
	net, err := fam.New(cfg, task)
	if err != nil {
		return fail(fmt.Errorf("%s: %w", path, err))
	}
	if changed {
		raw, err = cfg.JSON()
	}
	return net, fam, raw, err
}

func setLabels(cfg *arch.Config, labels []string) {
	byID, byName := map[string]string{}, map[string]int{}
	for i, name := range labels {
		byID[strconv.Itoa(i)], byName[name] = name, i
	}
	cfg.Set("id2label", byID)
	cfg.Set("label2id", byName)
}
