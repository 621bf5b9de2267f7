package hooks_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gopeft/gopeft/internal/pefttest/golden"
	"github.com/gopeft/gopeft/internal/pefttest/hooks"
	"github.com/gopeft/gopeft/peft"
)

// TestBottleneck holds the sub-layer hook to AdapterHub. peft.Load does not read its layout, so this test does.
func TestBottleneck(t *testing.T) {
	f := golden.OpenFixtures(t)
	base, err := f.Base(golden.OpenEngine(t), "bert_seqcls")
	require.NoError(t, err)
	run, err := f.Run(base, "ah-seq_bn")
	require.NoError(t, err)
	run.Load = func() (*peft.Adapted, error) { return loadAdapterHub(base.Backbone, run.Case.Dir) }

	ctx := t.Context()
	require.NoError(t, run.Outputs(ctx))
	require.NoError(t, run.Gradients(ctx))
	require.NoError(t, run.Counts())
	require.NoError(t, run.Training(ctx, t.TempDir()))

	a, err := run.Load()
	require.NoError(t, err)
	_, err = a.Merge(ctx, a.All())
	require.ErrorIs(t, err, peft.ErrMerge)
}

// loadAdapterHub opens a bottleneck; the classification head trains beside it, as AdapterHub has it.
func loadAdapterHub(b *peft.Backbone, dir string) (*peft.Adapted, error) {
	raw, err := os.ReadFile(filepath.Join(dir, "adapter_config.json"))
	if err != nil {
		return nil, err
	}
	var file struct {
		Name   string
		Config struct {
			Reduction int `json:"reduction_factor"`
		}
	}
	if err := json.Unmarshal(raw, &file); err != nil {
		return nil, err
	}
	values, err := golden.ReadTensors(filepath.Join(dir, "adapter.safetensors"))
	if err != nil {
		return nil, err
	}
	cfg := &hooks.Bottleneck{Name: file.Name, Reduction: file.Config.Reduction}
	cfg.ModulesToSave = []string{"classifier"}
	a, err := peft.Attach(b, file.Name, cfg)
	if err != nil {
		return nil, err
	}
	ad, err := a.Adapter(file.Name)
	if err != nil {
		return nil, err
	}
	return a, ad.Set(values)
}
