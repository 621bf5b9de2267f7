package golden

import (
	"errors"
	"maps"
	"os"
	"path/filepath"
	"testing"

	"github.com/gopeft/gopeft/internal/safetensors"

	"github.com/gopeft/gopeft/peft"
)

// Variants gives the committed cases of the types and options that the fixtures lack, on bases of the committed set:
// internal/pefttest/testdata/variants, which internal/testdata/gen/variants.py makes with HF PEFT.
func Variants(t testing.TB) Fixtures {
	t.Helper()
	module, err := moduleRoot()
	if err != nil {
		t.Fatal(err)
	}
	return Fixtures(filepath.Join(module, "internal", "pefttest", "testdata", "variants"))
}

// Pending names the cases ("BASE/CASE") that this build is known to fail, each with the reason.
type Pending map[string]string

// WalkVariants is [Walk] over the variants. A pending case must fail, so that the list shrinks with every one that passes,
// and must be there.
func WalkVariants(t *testing.T, e *peft.Engine, pending Pending) map[string]int {
	t.Helper()
	f := Variants(t)
	for name := range pending {
		if _, err := f.Case(filepath.Dir(name), filepath.Base(name)); err != nil {
			t.Errorf("pending case %s: %v", name, err)
		}
	}
	return walk(t, e, f, pending)
}

// awaits wants a case to break a law.
func awaits(t *testing.T, run *Run, why string) {
	t.Helper()
	for _, law := range laws {
		if err := law.check(run, t.Context(), t.TempDir()); err != nil {
			t.Skipf("pending: %s (%s: %v)", why, law.name, err)
		}
	}
	t.Errorf("passes: take it from the pending cases (%s)", why)
}

// factors is the file of a case with what the reference leaves out of its own and computes anew from the backbone, by means
// whose result differs from machine to machine. This project's files hold it.
const factors = "factors.safetensors"

// savedBy gives the tensors that a case's adapter is saved with, factors included.
func savedBy(dir string) (peft.Tensors, error) {
	all, err := ReadTensors(filepath.Join(dir, peft.WeightsFile))
	if err != nil {
		return nil, err
	}
	more, err := ReadTensors(filepath.Join(dir, factors))
	if errors.Is(err, os.ErrNotExist) {
		return all, nil
	}
	maps.Copy(all, more)
	return all, err
}

// complete gives a folder whose weights hold a case's factors too: a copy that done removes, where there are any.
func complete(dir string) (whole string, done func(), err error) {
	if _, err := os.Stat(filepath.Join(dir, factors)); err != nil {
		return dir, func() {}, nil
	}
	all, err := savedBy(dir)
	if err != nil {
		return "", nil, err
	}
	config, err := os.ReadFile(filepath.Join(dir, peft.ConfigFile))
	if err != nil {
		return "", nil, err
	}
	if whole, err = os.MkdirTemp("", "golden"); err != nil {
		return "", nil, err
	}
	weights, err := os.Create(filepath.Join(whole, peft.WeightsFile))
	if err == nil {
		err = errors.Join(safetensors.Encode(weights, all, nil), weights.Close(), os.WriteFile(filepath.Join(whole, peft.ConfigFile), config, 0o600))
	}
	if err != nil {
		return "", nil, errors.Join(err, os.RemoveAll(whole))
	}
	return whole, func() { os.RemoveAll(whole) }, nil
}
