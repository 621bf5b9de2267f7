package train_test

import (
	"crypto/sha256"
	"encoding/hex"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"

	"github.com/gopeft/gopeft/internal/pefttest/golden"
	"github.com/gopeft/gopeft/peft"
	"github.com/gopeft/gopeft/peft/train"
)

// No run writes a checkpoint with values that are not finite; see TestNotFinite. One that another program wrote, sealed as
// it should be, is refused by folder and value, and its adapter by file.
func TestCheckpointNotFinite(t *testing.T) {
	golden.OnGo(t)
	out := t.TempDir()
	stopAt(t, stroll(out), 5)
	dir := filepath.Join(out, "checkpoints", "step-5")
	const key = "base_model.model.head.lora_A.weight"
	for file, name := range map[string]string{"state.safetensors": "value/" + key, peft.WeightsFile: key} {
		path := filepath.Join(dir, file)
		before := sum(t, path)
		values, err := peft.ReadTensors(path)
		require.NoError(t, err)
		require.Contains(t, values, name)
		flat, err := tensors.CopyFlatData[float32](values[name])
		require.NoError(t, err)
		flat[1] = float32(math.NaN())
		values[name] = tensors.FromFlatDataAndDimensions(flat, values[name].Shape().Dimensions...)
		require.NoError(t, peft.WriteTensors(path, values))
		reseal(t, dir, before, sum(t, path))
	}
	_, err := resumeToy(t, stroll(out))
	var broken *train.NotFiniteError
	require.ErrorAs(t, err, &broken)
	require.ErrorIs(t, err, train.ErrNotFinite)
	require.Equal(t, "value of "+key, broken.What)
	require.ErrorContains(t, err, dir)

	a, _ := newToy(t, 0.3)
	_, err = a.LoadAs("left", dir)
	var bad *peft.NotFiniteError
	require.ErrorAs(t, err, &bad)
	require.Equal(t, key, bad.Tensor)
	_, err = a.LoadAs("left", dir, peft.AllowNotFinite())
	require.NoError(t, err)
}

func sum(t *testing.T, path string) string {
	raw, err := os.ReadFile(path)
	require.NoError(t, err)
	h := sha256.Sum256(raw)
	return hex.EncodeToString(h[:])
}

// reseal puts a file's new checksum into its checkpoint's manifest, and that of the manifest.
func reseal(t *testing.T, dir, before, now string) {
	path := filepath.Join(dir, "checkpoint.json")
	raw, err := os.ReadFile(path)
	require.NoError(t, err)
	text := string(raw)
	require.Contains(t, text, before)
	text = strings.Replace(text, before, now, 1)
	at := strings.LastIndex(text, `"sha256": "`) + len(`"sha256": "`)
	open := text[:at] + text[at+2*sha256.Size:]
	h := sha256.Sum256([]byte(open))
	require.NoError(t, os.WriteFile(path, []byte(text[:at]+hex.EncodeToString(h[:])+text[at+2*sha256.Size:]), 0o644))
}
