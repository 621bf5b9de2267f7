package golden

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/gopeft/gopeft/peft"
)

// Walk holds this build to every golden case it can open: each base whose model_type is registered, and of its cases
// each whose peft_type is. A new method or backbone adds its files to the fixtures and its import to the test; nothing
// here names one. On an engine that compiles, the committed set comes to one base of each family and its plain cases. It gives the number of cases by peft_type, so that a test can ask that there were any.
func Walk(t *testing.T, e *peft.Engine, f Fixtures) map[string]int {
	t.Helper()
	return walk(t, e, f, nil)
}

func walk(t *testing.T, e *peft.Engine, f Fixtures, pending Pending) map[string]int {
	t.Helper()
	bases, err := f.Bases()
	if err == nil {
		bases, err = f.few(bases)
	}
	if err != nil {
		t.Fatal(err)
	}
	ran := map[string]int{}
	for _, name := range bases {
		t.Run(name, func(t *testing.T) {
			base, err := f.Base(e, name)
			if err != nil {
				t.Fatal(err)
			}
			if f.hasBases() { // else the walk over those had them
				t.Run("base", func(t *testing.T) { report(t, base.outputs(t.Context())) })
			}
			cases, err := f.Cases(name)
			if err != nil {
				t.Fatal(err)
			}
			for _, c := range f.fewCases(cases) {
				t.Run(c, func(t *testing.T) {
					run, err := f.Run(base, c)
					if err != nil {
						t.Fatal(err)
					}
					ran[run.Case.Type]++
					if why, ok := pending[name+"/"+c]; ok {
						awaits(t, run, why)
						return
					}
					Check(t, run)
				})
			}
		})
	}
	return ran
}

// Check holds one case to every law, each a subtest.
func Check(t *testing.T, run *Run) {
	t.Helper()
	if run.Shared {
		t.Log("outputs, gradients and trajectory by one program; left to the engine that does not compile: what the exported backbone computes")
	}
	for _, law := range laws {
		t.Run(law.name, func(t *testing.T) { report(t, law.check(run, t.Context(), t.TempDir())) })
	}
}

func report(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Error(err)
	}
}

// laws are what every case must fulfil; dir is an empty folder.
var laws = []struct {
	name  string
	check func(r *Run, ctx context.Context, dir string) error
}{
	{"outputs", func(r *Run, ctx context.Context, _ string) error { return r.Outputs(ctx) }},
	{"gradients", func(r *Run, ctx context.Context, _ string) error { return r.Gradients(ctx) }},
	{"counts", func(r *Run, _ context.Context, _ string) error { return r.Counts() }},
	{"merge", (*Run).Merge},
	{"file", func(r *Run, _ context.Context, dir string) error { return r.File(dir) }},
	{"reload", (*Run).Reload},
	{"training", (*Run).Training},
}

// Run is a case on its opened base. Its methods are the laws; each gives every deviation it finds, joined.
type Run struct {
	Base *Base
	Case *Case
	// In holds forward's arguments: the case's own ("in.NAME"), where it has sizes of its own, else the base's.
	In peft.Tensors
	// Load opens the case's adapter, each time anew.
	Load func(opts ...peft.Option) (*peft.Adapted, error)
	// Trained says how the adapter is opened for training, where that is otherwise.
	Trained []peft.Option
	// Shared has outputs, gradients and trajectory come from one program, where each of three would take seconds to
	// compile, and leaves out what an exported backbone computes, of which then only the values are compared, bit by bit.
	Shared bool
	// Tolerance of outputs and gradients.
	Tolerance Tolerance
	// Amplified is what gradients and trained values are held to instead, nil in all cases but those.
	Amplified *amplified
}

// Run prepares a case in HF PEFT's layout.
func (f Fixtures) Run(base *Base, name string) (*Run, error) {
	c, err := f.Case(base.Name, name)
	if err != nil {
		return nil, err
	}
	tol, ok := inverting[c.Type]
	if !ok {
		tol = fine
	}
	dir := c.Dir
	load := func(opts ...peft.Option) (*peft.Adapted, error) {
		whole, done, err := complete(dir)
		if err != nil {
			return nil, err
		}
		defer done()
		return peft.Load(base.Backbone, whole, opts...)
	}
	r := &Run{Base: base, Case: c, In: base.In, Load: load, Tolerance: tol, Shared: shares(base.Name, name) && len(Under(c.Golden, "grad.")) > 0}
	if r.Amplified, err = amplification(c); err != nil {
		return nil, err
	}
	if own := Under(c.Golden, "in."); len(own) > 0 {
		r.In = own
	}
	if c.MovesStatistics {
		r.Trained = []peft.Option{peft.TrainStatistics()}
	}
	return r, nil
}

// outputs holds the bare backbone to transformers.
func (b *Base) outputs(ctx context.Context) error {
	out, err := b.Backbone.Forward(ctx, b.In)
	if err != nil {
		return err
	}
	return fine.NearAll("bare backbone", b.Out, out)
}

// start opens the adapter as it stood before training. Prompt learning saves only the prompt it computed, so there the
// golden file says what that was computed from, under the names that the values have while they train.
func (r *Run) start(opts ...peft.Option) (*peft.Adapted, *peft.Adapter, error) {
	a, err := r.Load(opts...)
	if err != nil {
		return nil, nil, err
	}
	name := a.Names()[0]
	if err := a.StartOver(name, Under(r.Case.Golden, "init."), opts...); err != nil {
		return nil, nil, err
	}
	ad, err := a.Adapter(name)
	return a, ad, err
}

// fileKey translates a name of the golden file.
func fileKey(ad *peft.Adapter, name string) string {
	for _, p := range ad.Params() {
		if p.TrainKey() == name || slices.Contains(p.CopyKeys(), name) {
			return p.FileKey()
		}
	}
	return name
}

// OpenEngine opens the engine that the environment chooses, for the time of a test.
func OpenEngine(t testing.TB) *peft.Engine {
	t.Helper()
	e, err := peft.OpenEngine("")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(e.Close)
	return e
}

// readDir reads the files of a folder by name.
func readDir(dir string) (map[string]string, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	out := map[string]string{}
	for _, e := range entries {
		raw, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			return nil, err
		}
		out[e.Name()] = string(raw)
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("%s is empty", dir)
	}
	return out, nil
}
