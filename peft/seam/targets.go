package seam

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// allLinear is HF PEFT's word for every linear map but the output layer.
const allLinear = "all-linear"

// Targets says which modules an adapter acts on, in one of HF PEFT's three forms: names (a module is meant when its
// path is the name or ends in "."+name), a regular expression that must match the whole path, or "all-linear".
// The zero value is null: the method's default for the backbone's family.
type Targets struct {
	names   []string
	pattern string
	kind    targetKind
}

type targetKind int

const (
	targetsDefault targetKind = iota
	targetsNames
	targetsPattern
)

// Match targets the modules whose path is one of the names or ends in "."+name.
func Match(names ...string) Targets {
	return Targets{kind: targetsNames, names: append([]string{}, names...)}
}

// MatchRegexp targets the modules whose whole path matches the pattern, in Python's syntax.
func MatchRegexp(pattern string) Targets { return Targets{kind: targetsPattern, pattern: pattern} }

// AllLinear targets every linear map but the output layer.
func AllLinear() Targets { return MatchRegexp(allLinear) }

// IsDefault reports whether t is null, the zero value.
func (t Targets) IsDefault() bool { return t.kind == targetsDefault }

// IsPattern reports whether t is a regular expression (or "all-linear").
func (t Targets) IsPattern() bool { return t.kind == targetsPattern }

// Names gives the names where t is a list of them, nil for its other forms.
func (t Targets) Names() []string { return slices.Clone(t.names) }

// String shows t as it stands in a config.
func (t Targets) String() string {
	raw, err := t.MarshalJSON()
	if err != nil {
		return err.Error()
	}
	return string(raw)
}

// UnmarshalJSON reads a list, a string or null.
func (t *Targets) UnmarshalJSON(raw []byte) error {
	var list []string
	var text string
	switch {
	case bytes.Equal(raw, []byte("null")):
		*t = Targets{}
	case json.Unmarshal(raw, &list) == nil:
		*t = Match(list...)
	case json.Unmarshal(raw, &text) == nil:
		*t = MatchRegexp(text)
	default:
		return fmt.Errorf("want a list of names, a regular expression or null")
	}
	return nil
}

// MarshalJSON writes the form that was read. Names are sorted, so that equal configs give equal files.
func (t Targets) MarshalJSON() ([]byte, error) {
	switch t.kind {
	case targetsPattern:
		return json.Marshal(t.pattern)
	case targetsNames:
		sorted := slices.Clone(t.names)
		slices.Sort(sorted)
		return json.Marshal(sorted)
	}
	return []byte("null"), nil
}

// Means reports whether t means the module at a path, by the rules of target_modules: never where t is the zero value. A pattern
// that is no regular expression is an error.
func (t Targets) Means(path string) (bool, error) { return t.contains(path) }

// contains reports whether path is meant by t.
func (t Targets) contains(path string) (bool, error) {
	if t.kind == targetsPattern {
		return fullMatch(t.pattern, path)
	}
	return slices.ContainsFunc(t.names, func(n string) bool { return nameMatches(n, path) }), nil
}

// mean reports whether a site is meant by t, under either of its paths.
func (t Targets) mean(s Site) (bool, error) {
	ok, err := t.contains(s.Path)
	if ok || err != nil || s.Alias == "" {
		return ok, err
	}
	return t.contains(s.Alias)
}

// isNamed reports whether a name of a list means the site, under either of its paths.
func (s Site) isNamed(name string) bool {
	return nameMatches(name, s.Path) || s.Alias != "" && nameMatches(name, s.Alias)
}

func nameMatches(name, path string) bool {
	return path == name || strings.HasSuffix(path, "."+name)
}
