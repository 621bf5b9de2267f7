package golden

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/gopeft/gopeft/internal/safetensors"
	"github.com/gopeft/gopeft/models"
	"github.com/gopeft/gopeft/peft"
	"github.com/gopeft/gopeft/peft/seam"
)

// FixturesVariable names the environment variable with the folder of golden cases. Without it the small set in
// internal/pefttest/testdata is used.
const FixturesVariable = "GOPEFT_FIXTURES"

// Fixtures is a folder of golden cases: bases/BASE and cases/BASE/CASE.
type Fixtures string

// OpenFixtures gives the folder that the environment names, else the committed one. A folder that is not there fails
// the test: a run that was asked to check a set must not pass by checking nothing.
func OpenFixtures(t testing.TB) Fixtures {
	t.Helper()
	if root := os.Getenv(FixturesVariable); root != "" {
		return opened(t, root)
	}
	return Committed(t)
}

// Committed gives the small set in testdata, for tests that know the sizes of its models.
func Committed(t testing.TB) Fixtures {
	t.Helper()
	module, err := moduleRoot()
	if err != nil {
		t.Fatal(err)
	}
	return opened(t, filepath.Join(module, "internal", "pefttest", "testdata", "fixtures"))
}

func opened(t testing.TB, root string) Fixtures {
	t.Helper()
	for _, sub := range []string{"bases", "cases"} {
		if _, err := os.Stat(filepath.Join(root, sub)); err != nil {
			t.Fatalf("golden cases: %v", err)
		}
	}
	return Fixtures(root)
}

// moduleRoot is the nearest folder above the working one, where a test runs, that holds go.mod.
func moduleRoot() (string, error) {
	dir, err := os.Getwd()
	for err == nil {
		if _, missing := os.Stat(filepath.Join(dir, "go.mod")); missing == nil {
			return dir, nil
		}
		if up := filepath.Dir(dir); up != dir {
			dir = up
			continue
		}
		err = errors.New("no go.mod above the working folder")
	}
	return "", err
}

// BaseDir is the checkpoint folder of a base: of a folder that has no bases, that in the committed set beside it.
func (f Fixtures) BaseDir(base string) string {
	root := string(f)
	if !f.hasBases() {
		root = filepath.Join(filepath.Dir(root), "fixtures")
	}
	return filepath.Join(root, "bases", base)
}

func (f Fixtures) hasBases() bool {
	_, err := os.Stat(filepath.Join(string(f), "bases"))
	return err == nil
}

// CaseDir is the folder of a case.
func (f Fixtures) CaseDir(base, name string) string {
	return filepath.Join(string(f), "cases", base, name)
}

// Bases lists the bases whose model_type is registered with package models: of a folder that has none, those of its cases.
func (f Fixtures) Bases() ([]string, error) {
	list := "bases"
	if !f.hasBases() {
		list = "cases"
	}
	return folders(filepath.Join(string(f), list), func(dir string) (bool, error) {
		kind, err := f.modelType(filepath.Base(dir))
		return slices.Contains(models.Families(), kind), err
	})
}

// Cases lists the cases of a base whose peft_type is registered with package peft.
func (f Fixtures) Cases(base string) ([]string, error) {
	known := map[string]bool{}
	for name := range seam.Types() {
		known[name] = true
	}
	return folders(filepath.Join(string(f), "cases", base), func(dir string) (bool, error) {
		var c Case
		err := readJSON(filepath.Join(dir, "case.json"), &c)
		return known[c.Type], err
	})
}

func folders(dir string, wanted func(string) (bool, error)) ([]string, error) {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil // a base without cases
	}
	var out []string
	for _, e := range entries {
		ok, err := wanted(filepath.Join(dir, e.Name()))
		if err != nil {
			return nil, err
		}
		if ok {
			out = append(out, e.Name())
		}
	}
	return out, err
}

// Base is an opened base: the backbone, forward's arguments, and what transformers makes of them.
type Base struct {
	Name     string
	Backbone *peft.Backbone
	In, Out  peft.Tensors
}

// Base opens a base on an engine.
func (f Fixtures) Base(e *peft.Engine, name string) (*Base, error) {
	dir := f.BaseDir(name)
	b, err := models.Load(dir, models.On(e))
	if err != nil {
		return nil, err
	}
	io, err := ReadTensors(filepath.Join(dir, "io.safetensors"))
	if err != nil {
		return nil, err
	}
	return &Base{Name: name, Backbone: b, In: Under(io, "in."), Out: Under(io, "out.")}, nil
}

// Case is an adapter as a reference implementation saved it, and what it computes with it.
type Case struct {
	Dir string `json:"-"`
	// Type is the peft_type, "" for AdapterHub's cases.
	Type string `json:"peft_type"`
	// Trainable and Total count parameters; AdapterHub's cases have no Total.
	Trainable, Total int
	// MergeLossDiff is how far the reference's own merge moves its loss, nil where it can't merge.
	MergeLossDiff *float64 `json:"merge_loss_diff"`
	// Stochastic cases sample while they train, so that their trajectories bind nobody.
	Stochastic bool `json:"train_is_stochastic"`
	// TrainingMode cases were trained in torch's training mode, all others in evaluation mode.
	TrainingMode bool `json:"training_mode"`
	// MovesStatistics cases were too, and batch norms' statistics moved. No field of case.json tells, but the folder's
	// name, which ends in "-trainbn".
	MovesStatistics bool `json:"-"`
	// InferenceOnly cases have files that the reference cannot go on training from: no gradients, no trajectory.
	InferenceOnly bool `json:"inference_only"`
	// ChangesBase cases have a start that takes the adapter's change from the base; what is saved of them is a plain LoRA of
	// twice the rank on the base as it was, and so not the reference's tensors.
	ChangesBase bool `json:"changes_base"`
	// OtherTrajectory says why the reference's trajectory does not bind, "" where it does.
	OtherTrajectory string `json:"other_trajectory"`
	Optimizer       struct {
		Type  string
		LR    float64
		Decay float64 `json:"weight_decay"`
		Betas [2]float64
		Eps   float64
		Steps int
	}
	// Golden holds "out.NAME", "grad.KEY", "train.losses", …; see the fixtures' README.
	Golden peft.Tensors `json:"-"`
}

// Case reads a case.
func (f Fixtures) Case(base, name string) (*Case, error) {
	moves := strings.HasSuffix(name, "-trainbn")
	c := &Case{Dir: f.CaseDir(base, name), TrainingMode: moves, MovesStatistics: moves}
	if err := readJSON(filepath.Join(c.Dir, "case.json"), c); err != nil {
		return nil, err
	}
	var err error
	c.Golden, err = ReadTensors(filepath.Join(c.Dir, "golden.safetensors"))
	return c, err
}

// ReadTensors reads every tensor of a safetensors file.
func ReadTensors(path string) (peft.Tensors, error) {
	file, err := safetensors.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	out := peft.Tensors{}
	for _, n := range file.Names() {
		if out[n], err = file.Tensor(n); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// Under gives the tensors whose name starts with a prefix, without it.
func Under(all peft.Tensors, prefix string) peft.Tensors {
	out := peft.Tensors{}
	for name, t := range all {
		if rest, ok := strings.CutPrefix(name, prefix); ok {
			out[rest] = t
		}
	}
	return out
}

func readJSON(path string, into any) error {
	raw, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(raw, into); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}
