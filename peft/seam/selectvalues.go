package seam

import (
	"fmt"
	"slices"
	"strings"

	"github.com/gopeft/gopeft/internal/names"
)

// SelectValues gives params that take the place of frozen values, for a method that trains these themselves: of all values
// within the modules that s names, those that trains wants, which is asked with a value's path and nil for all. Where s names
// no targets, they are all of the backbone's. Unlike Select it takes any module with values, containers such as
// "encoder.layer.3" as well, and single values ("classifier.bias").
//
// Values of modules_to_save are left out, since these train anyway, and so are running statistics. Where the backbone has one
// value under several paths there is one param for them, which is left out if any of the paths is excluded. With
// layers_to_transform, values outside of blocks are left out. A name that means nothing, or no value that trains wants, is an
// error that matches ErrTarget; others match ErrConfig.
func (b *Blueprint) SelectValues(s Selector, trains func(path string) bool) ([]Param, error) {
	if err := s.checkLayers(); err != nil {
		return nil, err
	}
	if err := b.checkWithin("target_modules", s.Targets, trains); err != nil {
		return nil, err
	}
	if err := b.checkWithin("exclude_modules", s.Exclude, nil); err != nil {
		return nil, err
	}
	if s.Targets.IsPattern() {
		var err error
		if s.Targets, err = b.resolve(s.Targets); err != nil {
			return nil, err
		}
	}
	var out []Param
	for _, all := range b.trainable {
		paths := slices.DeleteFunc(slices.Clone(all), b.savedValue)
		wanted, err := b.wantsValue(s, paths, trains)
		if err != nil {
			return nil, err
		}
		if wanted {
			p := b.Replace(paths[0])
			p.Shared = paths[1:]
			out = append(out, p)
		}
	}
	if len(out) == 0 {
		return nil, &TargetError{Field: "target_modules", Name: s.Targets.String(), Reason: b.nothingOf(s)}
	}
	return out, nil
}

// wantsValue reports whether the value that stands under some paths is to train.
func (b *Blueprint) wantsValue(s Selector, paths []string, trains func(path string) bool) (bool, error) {
	wanted := false
	for _, path := range paths {
		if out, err := b.within(s.Exclude, path); err != nil || out {
			return false, wrapField("exclude_modules", err)
		}
		in, err := b.trainsIn(s, path)
		if err != nil {
			return false, err
		}
		wanted = wanted || in && (trains == nil || trains(path))
	}
	return wanted, nil
}

// nothingOf says why no value is left.
func (b *Blueprint) nothingOf(s Selector) string {
	if s.Targets.IsPattern() || len(s.Targets.names) == 0 && !s.Targets.IsDefault() {
		return fmt.Sprintf("%s means no value to train; modules are %s", s.Targets, strings.Join(b.moduleNames(), ", "))
	}
	what := "the model"
	if !s.Targets.IsDefault() {
		what = s.Targets.String()
	}
	return "exclude_modules, layers_to_transform and modules_to_save leave nothing to train of " + what
}

// Replace gives a param that takes the place of the frozen value at a path, as "classifier.weight", with its axes as files
// have them. It is counted as a change of the backbone's own.
func (b *Blueprint) Replace(path string) Param {
	module, name := names.CutLast(path)
	shape, _ := b.shapes(path)
	p := Param{Site: module, Name: name, Shape: shape, Replaces: path, InPlace: true}
	if site, _ := b.Site(module); site.FanInFanOut && name == "weight" {
		p.Swapped, p.Shape = true, []int{shape[1], shape[0]}
	}
	return p
}

// savedValue reports whether a value belongs to a module of modules_to_save.
func (b *Blueprint) savedValue(path string) bool {
	module, _ := names.CutLast(path)
	return b.isSaved(module)
}

// trainsIn reports whether a value lies in a target and in one of the layers to transform.
func (b *Blueprint) trainsIn(s Selector, path string) (bool, error) {
	if !s.Targets.IsDefault() {
		if ok, err := b.within(s.Targets, path); !ok || err != nil {
			return false, wrapField("target_modules", err)
		}
	}
	layers, limited := s.LayersToTransform.Values()
	if !limited || len(layers) == 0 {
		return true, nil
	}
	index, err := layerIndex(path, s.LayersPattern.Values())
	return slices.Contains(layers, index), wrapField("layers_pattern", err)
}

// within reports whether targets mean a value, or a module that it lies in.
func (b *Blueprint) within(t Targets, path string) (bool, error) {
	for at := path; at != ""; at, _ = names.CutLast(at) {
		ok, err := t.contains(at)
		if !ok && err == nil && at != path {
			if site, _ := b.Site(at); site.Alias != "" {
				ok, err = t.contains(site.Alias)
			}
		}
		if ok || err != nil {
			return ok, err
		}
	}
	return false, nil
}

// checkWithin refuses a name of a list that means no value, or none that trains wants.
func (b *Blueprint) checkWithin(fieldName string, t Targets, trains func(path string) bool) error {
	if b.lenient {
		return nil
	}
	for _, name := range t.names {
		found, wanted, one := false, false, Match(name)
		for _, path := range slices.Concat(b.trainable...) {
			in, err := b.within(one, path)
			if err != nil {
				return wrapField(fieldName, err)
			}
			found = found || in
			wanted = wanted || in && (trains == nil || trains(path))
		}
		if !found {
			return &TargetError{Field: fieldName, Name: name, Near: names.Near(name, b.modules, 5)}
		}
		if !wanted {
			return &TargetError{Field: fieldName, Name: name, Reason: fmt.Sprintf("%q means modules without a value that this method trains", name)}
		}
	}
	return nil
}
