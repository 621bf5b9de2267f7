package golden

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Compiles tells that the engine which the environment chooses takes seconds to compile a program.
var Compiles = strings.HasPrefix(os.Getenv("GOMLX_BACKEND"), "xla")

// plain are the cases, one of each method, that stand for a family's where not all are run; the first is any family's.
var plain = []string{"lora", "prefix", "prompt"}

// few keeps one base of each family, one with a plain case where there is any: what a walk over the committed set comes to
// on an engine that compiles. A set that the environment names is walked whole on every engine.
func (f Fixtures) few(bases []string) ([]string, error) {
	if !Compiles || os.Getenv(FixturesVariable) != "" {
		return bases, nil
	}
	chosen := map[string]string{}
	for _, base := range bases {
		kind, err := f.modelType(base)
		if err != nil {
			return nil, err
		}
		if _, ok := chosen[kind]; !ok || f.hasPlain(base) && !f.hasPlain(chosen[kind]) {
			chosen[kind] = base
		}
	}
	return slices.DeleteFunc(bases, func(base string) bool {
		kind, _ := f.modelType(base)
		return chosen[kind] != base
	}), nil
}

// fewCases keeps the plain cases where few keeps few bases.
func (f Fixtures) fewCases(cases []string) []string {
	if !Compiles || os.Getenv(FixturesVariable) != "" {
		return cases
	}
	return slices.DeleteFunc(cases, func(name string) bool { return !slices.Contains(plain, name) })
}

func (f Fixtures) hasPlain(base string) bool {
	_, err := os.Stat(f.CaseDir(base, plain[0]))
	return err == nil
}

// modelType reads a base's config.
func (f Fixtures) modelType(base string) (string, error) {
	var c struct {
		ModelType string `json:"model_type"`
	}
	err := readJSON(filepath.Join(f.BaseDir(base), "config.json"), &c)
	return c.ModelType, err
}
