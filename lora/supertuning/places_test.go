package supertuning_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"

	"github.com/gopeft/gopeft/internal/pefttest/golden"
	"github.com/gopeft/gopeft/lora/supertuning"
	"github.com/gopeft/gopeft/peft"
	"github.com/gopeft/gopeft/peft/pefttest"
)

// A fresh adapter has the places that HF PEFT chooses, in its order.
func TestPlaces(t *testing.T) {
	low, off := 0.95, false
	for _, c := range []struct {
		fixtures   golden.Fixtures
		base, name string
		config     supertuning.Config
	}{
		{golden.Committed(t), "bert_seqcls", "supertuning", supertuning.Config{Targets: peft.Match("query", "value", "output.dense")}},
		{golden.Variants(t), "llama_lm", "supertuning-low", supertuning.Config{Sparsity: &low, SelectTop: &off, Targets: peft.Match("down_proj", "v_proj")}},
	} {
		base, err := c.fixtures.Base(golden.OpenEngine(t), c.base)
		require.NoError(t, err)
		a, err := peft.Attach(base.Backbone, "a", &c.config)
		require.NoError(t, err)
		adapter, err := a.Adapter("a")
		require.NoError(t, err)
		want, err := golden.ReadTensors(filepath.Join(c.fixtures.CaseDir(c.base, c.name), peft.WeightsFile))
		require.NoError(t, err)
		n := 0
		for key, got := range adapter.Values() {
			if strings.HasSuffix(key, "supertuning_indices") {
				n++
				require.True(t, want[key].Equal(got), key)
			}
		}
		require.NotZero(t, n)
	}
}

// A place outside of the weight is refused by its tensor.
func TestPlacesOutside(t *testing.T) {
	sparsity := 0.8
	b, err := pefttest.Tiny()
	require.NoError(t, err)
	a, err := peft.Attach(b, "a", &supertuning.Config{Sparsity: &sparsity, Targets: peft.Match("query")})
	require.NoError(t, err)
	dir := t.TempDir()
	require.NoError(t, a.Save(dir))
	path := filepath.Join(dir, peft.WeightsFile)
	file, err := peft.ReadTensors(path)
	require.NoError(t, err)
	const key = "base_model.model.bert.encoder.layer.0.attention.self.query.supertuning_indices"
	require.Contains(t, file, key)
	outside := make([]int32, 12)
	outside[5] = 64
	file[key] = tensors.FromFlatDataAndDimensions(outside, 12)
	require.NoError(t, peft.WriteTensors(path, file))
	_, err = peft.Load(b, dir)
	require.ErrorIs(t, err, peft.ErrTensor)
	require.ErrorContains(t, err, key)
	require.ErrorContains(t, err, "its number 5 is 64: the weight has the places 0 to 63")
}
