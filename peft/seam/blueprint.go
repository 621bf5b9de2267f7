package seam

import (
	"errors"
	"slices"
	"strings"
)

// Blueprint is a backbone as a method's Plan sees it: sites and shapes, no values.
type Blueprint struct {
	Info  Info
	Sites []Site
	// Loaded tells that the values come from a file, which may hold less than what trained: only what it has can be
	// planned.
	Loaded bool

	shapes        func(path string) ([]int, bool)
	tied          map[string]string // see Origin
	modules       []string          // every module's path, containers included
	modulesToSave []string          // paths
	taskType      string
	defaults      map[string]Targets
	lenient       bool
}

// Shape gives the shape of a frozen value, as "bert.pooler.dense.bias", and whether there is one.
func (b *Blueprint) Shape(path string) ([]int, bool) { return b.shapes(path) }

// Site gives the site at a path.
func (b *Blueprint) Site(path string) (Site, bool) {
	i := slices.IndexFunc(b.Sites, func(s Site) bool { return s.Path == path })
	if i < 0 {
		return Site{}, false
	}
	return b.Sites[i], true
}

// Owner is the module that a site's weight belongs to: the site itself, or what shares the weight out, which need be no
// site, as T5's "shared".
func (b *Blueprint) Owner(path string) string { return ownerOf(b.tied, path) }

func ownerOf(tied map[string]string, path string) string {
	if same, ok := tied[path+".weight"]; ok {
		return strings.TrimSuffix(same, ".weight")
	}
	return path
}

// TiedTo lists the sites whose weight is that of the module at a path, as a language-model head's may be the embeddings'.
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

// CheckPattern reports a rule of a rank or alpha pattern that matches none of the sites that were selected, and so would
// do nothing. In an adapter's file it is enough that a rule matches a module: HF PEFT writes what it was given.
func CheckPattern[V any](b *Blueprint, fieldName string, p Pattern[V], targets []Site) error {
	if b.lenient {
		return nil
	}
	if err := p.check(fieldName, b.modulePaths()); err != nil || b.Loaded {
		return err
	}
	for _, rule := range p {
		err := Pattern[V]{rule}.check(fieldName, paths(targets))
		if errors.Is(err, ErrTarget) {
			return Fieldf(fieldName, "%q matches modules, but none of the targets (%s)", rule.Match, strings.Join(shortNames(targets), ", "))
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// BiasParams are the biases that a config's bias option trains: "none"; "lora_only", those of the target sites; or
// "all", every bias of the backbone.
func (b *Blueprint) BiasParams(option string, targets []Site) ([]Param, error) {
	if option == "none" {
		return nil, nil
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

// isSaved reports whether a module is one of modules_to_save or inside one.
func (b *Blueprint) isSaved(module string) bool { return b.savedRoot(module) != "" }

// savedRoot gives the module to save that a module is or lies in, "" where there is none.
func (b *Blueprint) savedRoot(module string) string {
	for _, m := range b.modulesToSave {
		if module == m || strings.HasPrefix(module, m+".") {
			return m
		}
	}
	return ""
}
