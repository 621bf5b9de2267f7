package peft

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/gopeft/gopeft/internal/atomicfile"
	"github.com/gopeft/gopeft/internal/engine"
	"github.com/gopeft/gopeft/internal/hf"
	"github.com/gopeft/gopeft/internal/safetensors"
	"github.com/gopeft/gopeft/peft/seam"
)

// Names of the two files of an adapter's folder, as HF PEFT writes them: its settings and its values.
const (
	ConfigFile  = "adapter_config.json"
	WeightsFile = "adapter_model.safetensors"
)

// Save writes the adapter into a folder, where there is just one; with several, [Adapted.SaveAdapter] takes the name.
// See there.
func (a *Adapted) Save(dir string) error {
	names := a.Names()
	if len(names) != 1 {
		return fmt.Errorf("%w: Save wants exactly one adapter, there are %d (%s): use SaveAdapter", ErrAdapter, len(names), strings.Join(names, ", "))
	}
	return a.SaveAdapter(names[0], dir)
}

// SaveAdapter writes an adapter into a folder, as two files that HF PEFT opens: adapter_config.json and
// adapter_model.safetensors. Equal adapters give equal bytes. The folder is made where it is missing; one that holds
// a model is refused. Each file is replaced as a whole, the config last, so that after an error the files that stood
// there before are still whole. An unknown name matches [ErrAdapter].
func (a *Adapted) SaveAdapter(name, dir string) error {
	ad, err := a.Adapter(name)
	if err != nil {
		return err
	}
	return ad.Save(dir)
}

// Save writes the adapter into a folder; see [Adapted.SaveAdapter].
func (a *Adapter) Save(dir string) error {
	if a == nil || a.plan == nil {
		return errNoBackbone
	}
	if dir == "" {
		return fmt.Errorf("%w: save %q: the name of the folder is empty", ErrAdapter, a.name)
	}
	if has, err := backboneIn(dir); err != nil || has != "" {
		return cmp.Or(err, fmt.Errorf("%w: save %q: %s holds a backbone (%s): an adapter has a folder of its own", ErrAdapter, a.name, dir, has))
	}
	if err := a.backbone.open(); err != nil {
		return fmt.Errorf("save %q: %w", a.name, err)
	}
	cfg, values, err := a.export()
	if err != nil {
		return fmt.Errorf("save %q: %w", a.name, err)
	}
	raw, err := seam.MarshalConfig(cfg)
	if err != nil {
		return fmt.Errorf("save %q: %w", a.name, err)
	}
	return atomicfile.WriteDir(dir,
		atomicfile.Entry{Name: WeightsFile, Fill: func(w io.Writer) error { return safetensors.Encode(w, values, nil) }},
		atomicfile.Entry{Name: ConfigFile, Fill: func(w io.Writer) error { _, err := w.Write(raw); return err }},
	)
}

// export gives the config and the tensors of the adapter's file.
func (a *Adapter) export() (Config, Tensors, error) {
	cfg, err := seam.CloneConfig(a.cfg)
	if err != nil {
		return nil, nil, err
	}
	now := a.values.Load()
	values := a.saved(now)
	if e, ok := a.method.(seam.Exporter); ok {
		in := &seam.Export{Info: a.backbone.Info(), Values: values, Sites: a.sites(), Plan: a.plan, Now: now.values, Compute: a.computer(now)}
		if err := engine.Guard("exporting", func() (err error) { cfg, values, err = e.Export(cfg, in); return err }); err != nil {
			return nil, nil, err
		}
	}
	if err := a.narrowed(values); err != nil {
		return nil, nil, err
	}
	common := cfg.Shared()
	common.Classes = a.savedClasses()
	common.ModulesToSave = hf.ModulesToSave(common.ModulesToSave, common.TaskType)
	if r, ok := cfg.(targeted); ok && !a.plan.Targets.IsDefault() {
		r.SetTargets(a.plan.Targets)
	}
	if f, ok := cfg.(fanned); ok {
		for _, site := range a.sites() { // HF PEFT goes through them in this order; where they differ, the last one tells
			if site.Kind == seam.Linear {
				f.SetFanInFanOut(site.FanInFanOut)
			}
		}
	}
	if cp, ok := cfg.(biased); ok && cp.BiasOption() == "all" {
		a.copyWrappedBiases(values)
	}
	if err := a.addTwins(values); err != nil {
		return nil, nil, err
	}
	maps.Copy(values, a.counts())
	a.addExtras(values)
	return cfg, values, nil
}

// targeted is implemented by configs with target_modules, whose resolved form the file records.
type targeted interface{ SetTargets(Targets) }

// fanned is implemented by configs with fan_in_fan_out, which becomes what the targets have.
type fanned interface{ SetFanInFanOut(bool) }

// biased is implemented by configs with a bias option.
type biased interface{ BiasOption() string }

// copyWrappedBiases adds the keys that HF PEFT writes for the wrappers of modules_to_save when every bias is saved:
// the trained bias once more, and the frozen one.
func (a *Adapter) copyWrappedBiases(values Tensors) {
	for _, w := range a.wrappedBiases() {
		values[w.trained] = values[w.key]
		values[w.original] = a.backbone.net.Value(w.path)
	}
}

// counts gives, by file key, the numbers of batches that the batch norms which the adapter has copies of have seen. They
// are the model's own: training does not change them.
func (a *Adapter) counts() Tensors {
	out := Tensors{}
	for i := range a.plan.Params {
		p := &a.plan.Params[i]
		if path := p.Site + "." + seam.BatchesTracked; p.Key != "" && p.Name == seam.RunningMean && a.backbone.net.Value(path) != nil {
			out[strings.TrimSuffix(p.FileKey(), seam.RunningMean)+seam.BatchesTracked] = a.backbone.net.Value(path)
		}
	}
	return out
}

// wrappedBias is the bias of a module to save, or of one inside it, under the three keys that HF PEFT gives it.
type wrappedBias struct{ path, key, trained, original string }

func (a *Adapter) wrappedBiases() []wrappedBias {
	var out []wrappedBias
	for i := range a.plan.Params {
		p := &a.plan.Params[i]
		if p.Saved == "" || p.Name != "bias" {
			continue
		}
		module := strings.TrimSuffix(p.FileKey(), p.Replaces) + p.Saved
		inner := strings.TrimPrefix(p.Replaces, p.Saved)
		copies := ".modules_to_save"
		if p.Saved != p.Site {
			copies += ".default" // inside a container HF PEFT leaves the adapter's name in the key
		}
		out = append(out, wrappedBias{p.Replaces, p.FileKey(), module + copies + inner, module + ".original_module" + inner})
	}
	return out
}

func adapterPaths(dir string) (config, weights string) {
	return filepath.Join(dir, ConfigFile), filepath.Join(dir, WeightsFile)
}

// backboneIn gives the name of a backbone's weights in a folder, "" where there are none.
func backboneIn(dir string) (string, error) {
	entries, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", err
	}
	for _, e := range entries {
		for _, pattern := range []string{"model.safetensors*", "model-*.safetensors", "pytorch_model*.bin"} {
			if is, _ := path.Match(pattern, e.Name()); is { // the patterns are well-formed
				return e.Name(), nil
			}
		}
	}
	return "", nil
}

// alone gives an Adapted that has this adapter only, on any backbone.
func (a *Adapter) alone(b *Backbone) *Adapted {
	one := New(b)
	one.adapters[a.name] = a
	return one
}

// computer gives a function that computes with the values of a snapshot, for methods whose files hold something else
// than they train.
func (a *Adapter) computer(now *snapshot) func(func(at *seam.At) *seam.Node) (*Tensor, error) {
	return func(build func(at *seam.At) *seam.Node) (*Tensor, error) {
		p := program{key: "export", build: func(b *seam.Builder, _ seam.Nodes, _ []*seam.Node) ([]*seam.Node, []string) {
			return []*seam.Node{build(b.At())}, nil
		}}
		var values []*Tensor
		for i := range a.plan.Params {
			if a.plan.Params[i].Trains() {
				values = append(values, now.values[i])
			}
		}
		out, _, err := a.alone(a.backbone).run(context.Background(), p, Use(a.name), nil, nil, values)
		if err != nil {
			return nil, err
		}
		return out[0], nil
	}
}
