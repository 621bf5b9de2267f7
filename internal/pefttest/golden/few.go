package golden

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// Compiles tells that the engine which the environment chooses takes seconds to compile a program.
var Compiles = strings.HasPrefix(os.Getenv("GOMLX_BACKEND"), "xla")

// OnGo runs a test on the pure-Go engine, whatever the environment chooses: one about files, signals or bad input, where
// another engine would show nothing but how long it compiles, in each process anew.
func OnGo(t *testing.T) { t.Setenv("GOMLX_BACKEND", "go") }

// standIns are the bases that stand for all where each run of a program compiles: an encoder, decoders of either layout of
// weights, both together.
var standIns = []string{"bert_seqcls", "gpt2_lm", "llama_lm", "t5_s2s"}

// Process tells whether a test that runs a program on every base runs it on this one. The walk over the goldens, which
// is one process, has the others.
func Process(base string) bool {
	return !Compiles || slices.Contains(standIns, base)
}

// Processes is the least number of bases for which Process holds.
var Processes = len(standIns)

// plain are the cases, one of each method, that stand for a family's where not all are run.
var plain = []string{"lora", "prefix", "prompt"}

// shares tells whether a case's laws share one program: on an engine that compiles all but the plain cases of the stand-ins.
func shares(base, name string) bool {
	return Compiles && !(slices.Contains(standIns, base) && slices.Contains(plain, name))
}

// few keeps one base of each family, the one with most plain cases: what a walk over the committed set comes to on an
// engine that compiles. Of a short test it keeps the stand-ins. A set that the environment names is walked whole on every
// engine.
func (f Fixtures) few(bases []string) ([]string, error) {
	if !Compiles || os.Getenv(FixturesVariable) != "" {
		return bases, nil
	}
	if testing.Short() {
		return slices.DeleteFunc(bases, func(base string) bool { return !Process(base) }), nil
	}
	chosen := map[string]string{}
	for _, base := range bases {
		kind, err := f.modelType(base)
		if err != nil {
			return nil, err
		}
		if best, ok := chosen[kind]; !ok || f.countPlain(base) > f.countPlain(best) {
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

func (f Fixtures) countPlain(base string) int {
	n := 0
	for _, name := range plain {
		if _, err := os.Stat(f.CaseDir(base, name)); err == nil {
			n++
		}
	}
	return n
}

// modelType reads a base's config.
func (f Fixtures) modelType(base string) (string, error) {
	var c struct {
		ModelType string `json:"model_type"`
	}
	err := readJSON(filepath.Join(f.BaseDir(base), "config.json"), &c)
	return c.ModelType, err
}
