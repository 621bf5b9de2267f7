package safetensors_test

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"

	"github.com/gopeft/gopeft/internal/safetensors"
)

const (
	shard1 = "model-00001-of-00002.safetensors"
	shard2 = "model-00002-of-00002.safetensors"
)

// sharded makes a folder of two shards, x and y in the first and z in the
// second, with the given index.
func sharded(t *testing.T, index string) string {
	t.Helper()
	dir := t.TempDir()
	scalar := func(v float32) *tensors.Tensor { return tensors.FromScalar(v) }
	require.NoError(t, safetensors.Write(filepath.Join(dir, shard1), map[string]*tensors.Tensor{"x": scalar(1), "y": scalar(2)},
		map[string]string{"format": "pt", "only": "first"}))
	require.NoError(t, safetensors.Write(filepath.Join(dir, shard2), map[string]*tensors.Tensor{"z": scalar(3)},
		map[string]string{"format": "np"}))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "model.safetensors.index.json"), []byte(index), 0o644))
	return dir
}

const goodIndex = `{"metadata": {"total_size": 12, "more": [1.5, {}]},
	"weight_map": {"x": "` + shard1 + `", "y": "` + shard1 + `", "z": "` + shard2 + `"}}`

func TestOpenShards(t *testing.T) {
	f, err := safetensors.OpenCheckpoint(sharded(t, goodIndex), "")
	require.NoError(t, err)
	require.Equal(t, []string{"x", "y", "z"}, f.Names())
	require.Equal(t, map[string]string{"format": "pt", "only": "first"}, f.Metadata())
	for name, want := range map[string]float32{"x": 1, "y": 2, "z": 3} {
		require.Equal(t, want, value(t, f, name))
	}
	require.NoError(t, f.Close())
	_, err = f.Tensor("z")
	require.ErrorIs(t, err, safetensors.ErrClosed)
}

// A single file goes before an index, as in transformers, and a link may lead
// out of the folder, as in HF's cache.
func TestOpenSingle(t *testing.T) {
	dir := sharded(t, `not JSON`)
	blob := filepath.Join(t.TempDir(), "blob")
	require.NoError(t, safetensors.Write(blob, map[string]*tensors.Tensor{"one": tensors.FromScalar(int64(7))}, nil))
	if err := os.Symlink(blob, filepath.Join(dir, "model.safetensors")); err != nil {
		t.Skip(err)
	}
	f, err := safetensors.OpenCheckpoint(dir, "model")
	require.NoError(t, err)
	defer f.Close()
	require.Equal(t, int64(7), value(t, f, "one"))
}

func TestOpenCheckpointErrors(t *testing.T) {
	one := func(entries string) string { return `{"weight_map": {` + entries + `}}` }
	xy := `"x": "` + shard1 + `", "y": "` + shard1 + `"`
	for name, c := range map[string]struct{ index, reason string }{
		"not JSON":            {`no`, "malformed index"},
		"not UTF-8":           {"{\"\xff\":1}", "UTF-8"},
		"no weight_map":       {`{"metadata": {}}`, "weight_map is missing"},
		"two weight_maps":     {`{"weight_map": {}, "weight_map": {}}`, "twice"},
		"something follows":   {goodIndex + "{}", "follows"},
		"tensor twice":        {one(xy + `, "x": "` + shard2 + `"`), `"x" occurs twice`},
		"number":              {one(`"x": 1`), "expected"},
		"missing file":        {one(xy + `, "z": "gone.safetensors"`), `"gone.safetensors" is missing`},
		"leaves the folder":   {one(`"x": "../` + shard1 + `"`), "isn't a file of the folder"},
		"absolute":            {one(`"x": "/etc/passwd"`), "isn't a file of the folder"},
		"roundabout":          {one(`"x": "./` + shard1 + `"`), "isn't a file of the folder"},
		"empty file name":     {one(`"x": ""`), "isn't a file of the folder"},
		"absent from shard":   {one(xy + `, "z": "` + shard2 + `", "w": "` + shard2 + `"`), `tensor "w": absent from its shard "` + shard2},
		"not in the index":    {one(`"x": "` + shard1 + `", "z": "` + shard2 + `"`), `tensor "y": lies in shard "` + shard1 + `", but the index doesn't name it`},
		"in the other shard":  {one(xy + `, "z": "` + shard1 + `", "w": "` + shard2 + `"`), `tensor "z": lies in shard "` + shard2},
		"the folder as shard": {one(`"x": "."`), "not a regular file"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := safetensors.OpenCheckpoint(sharded(t, c.index), "model")
			require.ErrorIs(t, err, safetensors.ErrFormat)
			require.ErrorContains(t, err, c.reason)
		})
	}
}

// x lies in both shards, whichever of them the index names.
func TestTensorInTwoShards(t *testing.T) {
	for _, shard := range []string{shard1, shard2} {
		dir := sharded(t, `{"weight_map": {"x": "`+shard+`", "y": "`+shard1+`", "z": "`+shard2+`"}}`)
		require.NoError(t, safetensors.Write(filepath.Join(dir, shard2),
			map[string]*tensors.Tensor{"x": tensors.FromScalar(float32(4)), "z": tensors.FromScalar(float32(3))}, nil))
		_, err := safetensors.OpenCheckpoint(dir, "model")
		require.ErrorIs(t, err, safetensors.ErrFormat)
		require.ErrorContains(t, err, `tensor "x": lies in shard`)
	}
}

func TestShardIsMalformed(t *testing.T) {
	dir := sharded(t, goodIndex)
	path := filepath.Join(dir, shard2)
	require.NoError(t, os.WriteFile(path, bytes.Repeat([]byte("x"), 64), 0o644))
	_, err := safetensors.OpenCheckpoint(dir, "model")
	require.ErrorIs(t, err, safetensors.ErrFormat)
	require.ErrorContains(t, err, path)
}

func TestNoCheckpoint(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "pytorch_model.bin"), nil, 0o644))
	_, err := safetensors.OpenCheckpoint(dir, "model")
	require.ErrorIs(t, err, fs.ErrNotExist)
	require.ErrorContains(t, err, dir)
	require.ErrorContains(t, err, "model.safetensors.index.json")
	require.ErrorContains(t, err, "pytorch_model.bin")
	_, err = safetensors.OpenCheckpoint(filepath.Join(dir, "none"), "model")
	require.ErrorIs(t, err, fs.ErrNotExist)
}
