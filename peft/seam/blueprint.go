package seam

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Blueprint is what a method's Plan is told of a backbone: its sites and the shapes of its values, and the values themselves
// only where it asks for one, see Frozen.
type Blueprint struct {
	Info  Info
	Sites []Site // all of the backbone's, in the model's order
	// Loaded says that the adapter's values come from a file. A method whose file holds less than what it trains with, as a
	// prefix without the network that made it, plans only what the file has.
	Loaded bool

	model         Model
	blocks        bool // whether blocks count as modules, see Selector.Kinds
	fileShape     func(key string) ([]int, bool)
	shapes        func(path string) ([]int, bool)
	floats        func(path string) ([]float32, []int, error)
	tied          map[string]string // see Origin
	modules       []string          // every module's path, containers included
	trainable     [][]string        // paths of the values that can train, see Frozen.trainable
	modulesToSave []string          // paths
	savedTwins    map[string]string // from the path of a saved value to the one that shares it, see Tying
	taskType      string
	defaults      map[string]Targets
	lenient       bool
	warnings      []string
}

// Shape gives the shape of the frozen value at a path, such as "bert.pooler.dense.bias", and whether there is one.
func (b *Blueprint) Shape(path string) ([]int, bool) { return b.shapes(path) }

// Frozen gives a copy of the frozen value at a path, row by row, and its shape, for methods whose shapes follow from what
// the weights hold, as those of AdaMSS do. It costs what copying a weight costs, and an adapter is planned more often than it is
// made: ask only where shapes can't be had otherwise, and leave all else to Initializer. Where there is none the error
// matches ErrTensor.
func (b *Blueprint) Frozen(path string) ([]float32, []int, error) { return b.floats(path) }

// FileShape gives the shape that the adapter's file has for a key (Param.FileKey), for methods whose shapes the config does not
// tell. ok is false where the file has none, and where there is no file.
func (b *Blueprint) FileShape(key string) (shape []int, ok bool) {
	if b.fileShape == nil {
		return nil, false
	}
	return b.fileShape(key)
}

// Site gives the site at a path, and whether there is one.
func (b *Blueprint) Site(path string) (Site, bool) {
	i := slices.IndexFunc(b.Sites, func(s Site) bool { return s.Path == path })
	if i < 0 {
		return Site{}, false
	}
	return b.Sites[i], true
}

// HasDefaultTargets reports whether the method has targets of its own choice for the backbone's family, see Spec.DefaultTargets.
func (b *Blueprint) HasDefaultTargets() bool {
	_, ok := b.defaults[b.Info.ModelType]
	return ok
}

// Owner gives the path of the module that a site's weight belongs to. That is the site itself, or, where modules share
// one weight, the module that a checkpoint has it under: T5's embeddings and output layer share that of "shared", which is
// no site.
func (b *Blueprint) Owner(path string) string { return ownerOf(b.tied, path) }

func ownerOf(tied map[string]string, path string) string {
	if same, ok := tied[path+".weight"]; ok {
		return strings.TrimSuffix(same, ".weight")
	}
	return path
}

// TiedTo lists the paths of the sites that share the weight of the module at a path, as the output layer of a language
// model may share that of the embeddings.
func (b *Blueprint) TiedTo(path string) []string {
	var out []string
	for _, s := range b.Sites {
		if b.tied[s.Path+".weight"] == path+".weight" {
			out = append(out, s.Path)
		}
	}
	return out
}

// OfKind gives the sites of a kind, in order.
func (b *Blueprint) OfKind(k Kind) []Site {
	var out []Site
	for _, s := range b.Sites {
		if s.Kind == k {
			out = append(out, s)
		}
	}
	return out
}

// CheckPattern looks at a pattern (as rank_pattern, named by fieldName) beside the paths of the sites that were selected.
// A rule that matches no module of the backbone is an error, which matches ErrTarget, or ErrConfig where the rule is no
// regular expression. One that matches modules but none of the targets, and so does nothing, becomes one of the adapter's
// warnings: HF PEFT takes it, too.
func CheckPattern[V any](b *Blueprint, fieldName string, p Pattern[V], targets []string) error {
	if b.lenient {
		return nil
	}
	if err := p.check(fieldName, b.modulePaths()); err != nil {
		return err
	}
	for _, rule := range p {
		err := Pattern[V]{rule}.check(fieldName, targets)
		if errors.Is(err, ErrTarget) {
			b.warn("%s: %q matches modules, but none of the targets (%s): it does nothing", fieldName, rule.Match, strings.Join(shortNames(targets), ", "))
		} else if err != nil {
			return err
		}
	}
	return nil
}

// warn notes what is allowed and probably not meant, for Adapter.Warnings of package peft.
func (b *Blueprint) warn(format string, args ...any) {
	if text := fmt.Sprintf(format, args...); !slices.Contains(b.warnings, text) {
		b.warnings = append(b.warnings, text)
	}
}

// BiasParams gives the values by which an adapter trains biases of the backbone, for a config's option "bias": with "none"
// no biases; with "lora_only", or another method's word with this end, those of the target sites; with "all" every bias there
// is. An option that is none of these or finds no bias is an error that matches ErrConfig.
func (b *Blueprint) BiasParams(option string, targets []Site) ([]Param, error) {
	switch {
	case option == "none":
		return nil, nil
	case option != "all" && !strings.HasSuffix(option, "_only"):
		return nil, Fieldf("bias", "%q is none of none, all, and the method's name with _only", option)
	}
	isTarget := func(module string) bool {
		return slices.ContainsFunc(targets, func(s Site) bool { return s.Path == module })
	}
	var out []Param
	for _, module := range b.modules {
		path := module + ".bias"
		shape, ok := b.shapes(path)
		if !ok || b.isSaved(module) {
			continue
		}
		p := Param{Site: module, Name: "bias", Shape: shape, Replaces: path, InPlace: true}
		switch {
		case isTarget(module):
			p.Key = "base_model.model." + module + ".base_layer.bias"
		case option != "all":
			continue
		}
		out = append(out, p)
	}
	if len(out) == 0 {
		return nil, Fieldf("bias", "%q, but no target has a bias", option)
	}
	return out, nil
}

// Saved lists the paths of the modules that train whole beside the method's own values: those of modules_to_save, and the heads
// that task_type adds.
func (b *Blueprint) Saved() []string { return slices.Clone(b.modulesToSave) }

// isSaved reports whether a module is one of modules_to_save or inside one.
func (b *Blueprint) isSaved(module string) bool { return b.savedRoot(module) != "" }

// savedRoot gives the module to save that a module is or lies in, "" where there is none.
func (b *Blueprint) savedRoot(module string) string {
	for _, other := range b.savedTwins {
		if module+".weight" == other {
			return module
		}
	}
	for _, m := range b.modulesToSave {
		if module == m || strings.HasPrefix(module, m+".") {
			return m
		}
	}
	return ""
}
