package golden

import (
	"path/filepath"
	"testing"

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
