package models

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/gopeft/gopeft/models/arch"
	"github.com/gopeft/gopeft/peft"
)

// model is a config made into a network.
type model struct {
	net    arch.Network
	family arch.Family
	config []byte          // as it is to be written out again
	anew   map[string]bool // values of the head that are drawn though the files may hold them
}

// open reads a folder's config and makes its network.
func open(dir string, o *options) (*model, error) {
	raw, err := readConfig(dir)
	if err != nil {
		return nil, err
	}
	path := filepath.Join(dir, "config.json")
	m, err := build(path, raw, o)
	if err != nil {
		return nil, err
	}
	anew, err := o.newHead(raw, m)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	if anew {
		m.anew = classifiers(m.net)
	}
	return m, nil
}

// readConfig reads a folder's config.json, or says what the folder is instead.
func readConfig(dir string) ([]byte, error) {
	if info, err := os.Stat(dir); err == nil && !info.IsDir() {
		return nil, fmt.Errorf("%w: %s is a file: give the folder that it lies in", ErrFolder, dir)
	}
	raw, err := os.ReadFile(filepath.Join(dir, "config.json"))
	if err == nil {
		return raw, nil
	}
	if _, other := os.Stat(filepath.Join(dir, peft.ConfigFile)); other == nil && errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%w: %s holds an adapter: load the model that it was trained on, and the adapter into it: %w", ErrFolder, dir, err)
	}
	return nil, fmt.Errorf("%w: %w", ErrFolder, err)
}

// build makes the network of a config, which path names in errors.
func build(path string, raw []byte, o *options) (*model, error) {
	fail := func(err error) (*model, error) { return nil, fmt.Errorf("%s: %w", path, err) }
	cfg, err := arch.ParseConfig(raw)
	if err != nil {
		return fail(err)
	}
	if !cfg.Has("model_type") {
		return fail(fmt.Errorf("%w: there is no model_type (known: %s)", ErrFamily, strings.Join(Families(), ", ")))
	}
	m := &model{config: raw}
	modelType := arch.Get(cfg, "model_type", "")
	if err := cfg.Err(); err != nil {
		return fail(err)
	}
	if m.family, err = family(modelType); err != nil {
		return fail(err)
	}
	class := cfg.Architecture()
	if o.hasTask {
		if class, err = classOf(m.family, o.task); err != nil {
			return fail(err)
		}
	}
	task, err := taskOf(m.family, class)
	if err != nil {
		return fail(err)
	}
	if o.hasLabels && !hasClasses(task) {
		return fail(noClasses(m.family, task))
	}
	changed := o.hasTask && class != cfg.Architecture()
	if changed {
		cfg.Set("architectures", []string{class})
	}
	if o.hasLabels {
		changed = true
		setLabels(cfg, o.labels)
	}
	if m.net, err = m.family.New(cfg, task); err != nil {
		return fail(err)
	}
	if d, ok := m.net.(*arch.Decoder); ok {
		d.Again = again(m.family, cfg)
	}
	if changed {
		m.config, err = cfg.JSON()
	}
	return m, err
}

// newHead decides whether the head's last layer is drawn although the checkpoint may have one: that one is for another
// task, or for other classes. raw is the checkpoint's own config.
func (o *options) newHead(raw []byte, m *model) (bool, error) {
	cfg, err := arch.ParseConfig(raw)
	if err != nil {
		return false, err
	}
	own, err := taskOf(m.family, cfg.Architecture())
	asked := m.net.Info().Head
	if err != nil || !hasClasses(own) || !hasClasses(asked) {
		return false, nil // nothing says that values of the head's names are another's
	}
	if own != asked {
		return true, nil
	}
	names := cfg.Classes()
	if !o.hasLabels || cfg.Err() != nil {
		return false, nil
	}
	return newHead(names, o.labels)
}

// classifiers are the paths of the values of a head's last layer.
func classifiers(net arch.Network) map[string]bool {
	out := map[string]bool{}
	for _, site := range net.Sites() {
		if site.Role == "head" {
			out[site.Path+".weight"], out[site.Path+".bias"] = true, true
		}
	}
	return out
}

// again makes the decoders of a config with some of its fields changed.
func again(f arch.Family, cfg *arch.Config) func(func(*arch.Config)) (*arch.Decoder, *arch.Config, error) {
	raw, failed := cfg.JSON()
	return func(change func(*arch.Config)) (*arch.Decoder, *arch.Config, error) {
		if failed != nil {
			return nil, nil, failed
		}
		c, err := arch.ParseConfig(raw)
		if err != nil {
			return nil, nil, err
		}
		change(c)
		net, err := f.New(c, arch.Encoder)
		if err != nil {
			return nil, nil, err
		}
		return net.(*arch.Decoder), c, nil
	}
}
