package train_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gopeft/gopeft/internal/pefttest/golden"
	"github.com/gopeft/gopeft/optim"
	"github.com/gopeft/gopeft/peft/train"
)

// stroll is a short run of the toy.
func stroll(out string) train.Options {
	return train.Options{
		Optimizer: optim.AdamW{LR: 0.05}, Steps: 8, Seed: 1, EvalSource: shifted(), EvalEvery: 3, Out: out, CheckpointEvery: 2,
	}
}

// stopAt runs a toy until after a step.
func stopAt(t *testing.T, o train.Options, step int) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	o.OnStep = func(s train.Step) error {
		if s.Step == step {
			cancel()
		}
		return nil
	}
	a, _ := newToy(t, 0.3)
	trainer, err := train.New(a, o)
	require.NoError(t, err)
	_, err = trainer.FitSource(ctx, shifted())
	require.ErrorIs(t, err, context.Canceled)
}

// resumeToy goes on with it.
func resumeToy(t *testing.T, o train.Options) (train.Resumed, error) {
	t.Helper()
	var from train.Resumed
	o.Resume, o.OnResume = true, func(r train.Resumed) error { from = r; return nil }
	a, _ := newToy(t, 0.3)
	trainer, err := train.New(a, o)
	require.NoError(t, err)
	_, err = trainer.FitSource(t.Context(), shifted())
	return from, err
}

// harm does something to a file; nothing it does may pass.
var harm = map[string]func(raw []byte) []byte{
	"truncated": func(raw []byte) []byte { return raw[:len(raw)/2] },
	"emptied":   func([]byte) []byte { return nil },
	"flipped":   func(raw []byte) []byte { raw[2*len(raw)/3] ^= 1; return raw },
	"grown":     func(raw []byte) []byte { return append(raw, ' ') },
}

// A damaged checkpoint is passed over for the one before, and told of; where there is no other it is the error. Either
// way the run ends as it would have, or what it had stands.
func TestDamaged(t *testing.T) {
	golden.OnGo(t)
	whole := t.TempDir()
	a, _ := newToy(t, 0.3)
	trainer, err := train.New(a, stroll(whole))
	require.NoError(t, err)
	_, err = trainer.FitSource(t.Context(), shifted())
	require.NoError(t, err)
	want := readRecord(t, whole)

	stopped := t.TempDir()
	stopAt(t, stroll(stopped), 5)
	require.Equal(t, []string{"step-4", "step-5"}, stepsIn(t, stopped))
	for _, name := range []string{"checkpoint.json", "state.safetensors", "adapter_config.json", "adapter_model.safetensors"} {
		for how, change := range harm {
			t.Run(how+" "+name, func(t *testing.T) {
				t.Parallel()
				out := t.TempDir()
				require.NoError(t, os.CopyFS(out, os.DirFS(stopped)))
				path := filepath.Join(out, "checkpoints", "step-5", name)
				raw, err := os.ReadFile(path)
				require.NoError(t, err)
				require.NoError(t, os.WriteFile(path, change(raw), 0o644))
				before := tree(t, out)

				alone := t.TempDir()
				require.NoError(t, os.CopyFS(alone, os.DirFS(out)))
				require.NoError(t, os.RemoveAll(filepath.Join(alone, "checkpoints", "step-4")))
				_, err = resumeToy(t, stroll(alone))
				isDamage(t, err, name)
				for file, content := range tree(t, alone) {
					require.Equal(t, before[file], content, file)
				}

				from, err := resumeToy(t, stroll(out))
				require.NoError(t, err)
				require.Equal(t, 4, from.Step)
				require.Len(t, from.Damaged, 1)
				isDamage(t, from.Damaged[0], name)
				sameRecord(t, want, readRecord(t, out))
				require.Equal(t, []string{"step-6", "step-8"}, stepsIn(t, out))
			})
		}
	}
	t.Run("missing file", func(t *testing.T) {
		out := t.TempDir()
		require.NoError(t, os.CopyFS(out, os.DirFS(stopped)))
		require.NoError(t, os.Remove(filepath.Join(out, "checkpoints", "step-5", "state.safetensors")))
		from, err := resumeToy(t, stroll(out))
		require.NoError(t, err)
		require.Len(t, from.Damaged, 1)
		isDamage(t, from.Damaged[0], "state.safetensors")
	})
	t.Run("never finished", func(t *testing.T) {
		out := t.TempDir()
		require.NoError(t, os.CopyFS(out, os.DirFS(stopped)))
		require.NoError(t, os.Remove(filepath.Join(out, "checkpoints", "step-5", "checkpoint.json")))
		require.NoError(t, os.Mkdir(filepath.Join(out, "adapter"), 0o755))
		for _, dir := range []string{"", "adapter", "checkpoints/step-5"} {
			require.NoError(t, os.WriteFile(filepath.Join(out, dir, ".tmp-0123456789abcdef"), nil, 0o644))
		}
		from, err := resumeToy(t, stroll(out))
		require.NoError(t, err)
		require.Equal(t, train.Resumed{Step: 4}, from)
		sameRecord(t, want, readRecord(t, out))
		for file := range tree(t, out) {
			require.NotContains(t, file, ".tmp-")
		}
	})
	t.Run("moved", func(t *testing.T) {
		out := t.TempDir()
		require.NoError(t, os.CopyFS(out, os.DirFS(stopped)))
		require.NoError(t, os.Rename(filepath.Join(out, "checkpoints", "step-5"), filepath.Join(out, "checkpoints", "step-7")))
		from, err := resumeToy(t, stroll(out))
		require.NoError(t, err)
		require.Equal(t, 4, from.Step)
		require.ErrorContains(t, from.Damaged[0], "it is that of step 5")
	})
	t.Run("in the way", func(t *testing.T) { // of the last one to keep
		out := t.TempDir()
		require.NoError(t, os.CopyFS(out, os.DirFS(stopped)))
		require.NoError(t, os.Rename(filepath.Join(out, "checkpoints", "step-5"), filepath.Join(out, "checkpoints", "step-7")))
		o := stroll(out)
		o.KeepCheckpoints, o.EvalEvery = 1, 3
		o.OnStep = func(s train.Step) error {
			if s.Step == 7 {
				return errFull
			}
			return nil
		}
		_, err := resumeToy(t, o)
		require.ErrorIs(t, err, errFull)
		require.Equal(t, []string{"step-6"}, stepsIn(t, out))
	})
	t.Run("metrics cut", func(t *testing.T) {
		out := t.TempDir()
		require.NoError(t, os.CopyFS(out, os.DirFS(stopped)))
		require.NoError(t, os.Truncate(filepath.Join(out, "metrics.jsonl"), 10))
		_, err := resumeToy(t, stroll(out))
		isDamage(t, err, "metrics.jsonl")
	})
	t.Run("other version", func(t *testing.T) {
		out := t.TempDir()
		require.NoError(t, os.CopyFS(out, os.DirFS(stopped)))
		path := filepath.Join(out, "checkpoints", "step-5", "checkpoint.json")
		raw, err := os.ReadFile(path)
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(path, []byte(strings.Replace(string(raw), `"version": 1`, `"version": 2`, 1)), 0o644))
		_, err = resumeToy(t, stroll(out))
		require.ErrorIs(t, err, train.ErrCheckpoint)
		require.ErrorContains(t, err, path+": it has version 2; this program reads version 1")
	})
}

func isDamage(t *testing.T, err error, file string) {
	t.Helper()
	var damage *train.CheckpointError
	require.ErrorAs(t, err, &damage)
	require.ErrorIs(t, err, train.ErrCheckpoint)
	require.True(t, damage.Damaged)
	require.Equal(t, file, filepath.Base(damage.Path))
	require.ErrorContains(t, err, damage.Path)
}

// tree reads all files below a folder.
func tree(t *testing.T, dir string) map[string]string {
	t.Helper()
	out := map[string]string{}
	require.NoError(t, filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		raw, err := os.ReadFile(path)
		name, _ := filepath.Rel(dir, path)
		out[name] = string(raw)
		return err
	}))
	return out
}
