package peft

import (
	"context"
	"fmt"
	"io"
	"maps"
	"path/filepath"
	"strings"

	"github.com/gopeft/gopeft/internal/atomicfile"
	"github.com/gopeft/gopeft/internal/safetensors"
)

// Names of an adapter's files in HF PEFT's layout.
const (
	ConfigFile  = "adapter_config.json"
	WeightsFile = "adapter_model.safetensors"
)

// Save writes the only adapter into a folder, in HF PEFT's layout. With several adapters, name them to
// SaveAdapter.
func (a *Adapted) Save(dir string) error {
	names := a.Names()
	if len(names) != 1 {
		return fmt.Errorf("%w: Save wants exactly one adapter, there are %d (%s): use SaveAdapter", ErrAdapter, len(names), strings.Join(names, ", "))
	}
	return a.SaveAdapter(names[0], dir)
}

// SaveAdapter writes an adapter into a folder, in HF PEFT's layout. Equal adapters give equal bytes. Each file is
// replaced as a whole, the config last; after an error the files that stood there before are still whole.
func (a *Adapted) SaveAdapter(name, dir string) error {
	ad, err := a.Adapter(name)
	if err != nil {
		return err
	}
	return ad.Save(dir)
}

// Save writes the adapter into a folder; see Adapted.SaveAdapter.
func (a *Adapter) Save(dir string) error {
	cfg, values, err := a.export()
	if err != nil {
		return fmt.Errorf("save %q: %w", a.name, err)
	}
	raw, err := MarshalConfig(cfg)
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
	cfg, err := cloneConfig(a.cfg)
	if err != nil {
		return nil, nil, err
	}
	now := a.values.Load()
	values := a.saved(now)
	if e, ok := a.method.(Exporter); ok {
		in := &Export{Info: a.backbone.info, Values: values, Sites: a.sites(), adapter: a, now: now}
		if err := guard("exporting", func() (err error) { cfg, values, err = e.Export(cfg, in); return err }); err != nil {
			return nil, nil, err
		}
	}
	common := cfg.Shared()
	common.ModulesToSave = common.fileModulesToSave()
	if r, ok := cfg.(targeted); ok && !a.plan.Targets.IsDefault() {
		r.SetTargets(a.plan.Targets)
	}
	if cp, ok := cfg.(biased); ok && cp.BiasOption() == "all" {
		a.copyWrappedBiases(values)
	}
	maps.Copy(values, a.counts())
	return cfg, values, nil
}

// Export is what an Exporter works with.
type Export struct {
	Info    Info    // of the backbone
	Values  Tensors // by file key
	Sites   []Site  // where the adapter acts
	adapter *Adapter
	now     *snapshot
}

// Has reports whether the adapter keeps a value of that name at a site.
func (e *Export) Has(site, name string) bool { return e.adapter.holds(site, name) }

// Flat copies a value of a site out by name, constants included, row by row.
func (e *Export) Flat(site, name string) ([]float32, error) {
	for i, p := range e.adapter.plan.Params {
		if p.Site == site && p.Name == name {
			return floats(e.now.values[i])
		}
	}
	return nil, fmt.Errorf("%w: plan holds no %s of %q", ErrTensor, name, site)
}

// Compute runs a graph of the adapter's values on its backbone's engine. build is given an At without a site, whose
// Global and ParamOf give the values, and always makes the same graph of them.
func (e *Export) Compute(build func(at *At) *Node) (*Tensor, error) {
	a := e.adapter
	one := &Adapted{backbone: a.backbone, adapters: map[string]*Adapter{a.name: a}}
	p := Program{Key: "export", Build: func(c *Call, _ Nodes, _ []*Node) []*Node {
		return []*Node{build(&At{Call: c, slot: c.slots[0]})}
	}}
	var values []*Tensor
	for i := range a.plan.Params {
		if a.plan.Params[i].Trains() {
			values = append(values, e.now.values[i])
		}
	}
	out, err := one.Run(context.Background(), p, Use(a.name), nil, nil, values)
	if err != nil {
		return nil, err
	}
	return out[0], nil
}

// targeted is implemented by configs with target_modules, whose resolved form the file records.
type targeted interface{ SetTargets(Targets) }

// biased is implemented by configs with a bias option.
type biased interface{ BiasOption() string }

// copyWrappedBiases adds the keys that HF PEFT writes for the wrappers of modules_to_save when every bias is saved:
// the trained bias once more, and the frozen one.
func (a *Adapter) copyWrappedBiases(values Tensors) {
	for _, w := range a.wrappedBiases() {
		values[w.trained] = values[w.key]
		values[w.original] = a.backbone.frozen[w.path]
	}
}

// counts are the numbers of batches that batch norms among the modules to save have seen, by file key: as the backbone
// has them, since they change nothing.
func (a *Adapter) counts() Tensors {
	out := Tensors{}
	for i := range a.plan.Params {
		p := &a.plan.Params[i]
		if path := p.Site + "." + BatchesTracked; p.saved != "" && p.Name == RunningMean && a.backbone.frozen[path] != nil {
			out[strings.TrimSuffix(p.FileKey(), RunningMean)+BatchesTracked] = a.backbone.frozen[path]
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
		if p.saved == "" || p.Name != "bias" {
			continue
		}
		module := strings.TrimSuffix(p.FileKey(), p.Replaces) + p.saved
		inner := strings.TrimPrefix(p.Replaces, p.saved)
		copies := ".modules_to_save"
		if p.saved != p.Site {
			copies += ".default" // inside a container HF PEFT leaves the adapter's name in the key
		}
		out = append(out, wrappedBias{p.Replaces, p.FileKey(), module + copies + inner, module + ".original_module" + inner})
	}
	return out
}

func adapterPaths(dir string) (config, weights string) {
	return filepath.Join(dir, ConfigFile), filepath.Join(dir, WeightsFile)
}
