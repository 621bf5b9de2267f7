package shira_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"

	"github.com/gopeft/gopeft/internal/pefttest/golden"
	"github.com/gopeft/gopeft/lora/shira"
	"github.com/gopeft/gopeft/peft"
	"github.com/gopeft/gopeft/peft/pefttest"
)

// A fresh adapter has the places that HF PEFT draws, with a seed and without.
func TestMasks(t *testing.T) {
	seed := int64(4)
	for _, c := range []struct {
		fixtures   golden.Fixtures
		base, name string
		config     shira.Config
	}{
		{golden.Committed(t), "bert_seqcls", "shira", shira.Config{R: 2, Targets: peft.Match("query", "value", "output.dense")}},
		{golden.Variants(t), "llama_lm", "shira-seed", shira.Config{R: 1, RandomSeed: &seed, Targets: peft.Match("down_proj", "v_proj")}},
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
			if strings.HasSuffix(key, "shira_indices") {
				n++
				require.True(t, want[key].Equal(got), key)
			}
		}
		require.NotZero(t, n)
	}
}

// saved is the folder of an adapter whose file holds another mask at its only target, of 8 by 8 entries.
func saved(t *testing.T, mask *peft.Tensor) string {
	b, err := pefttest.Tiny()
	require.NoError(t, err)
	a, err := peft.Attach(b, "a", &shira.Config{R: 1, Targets: peft.Match("query")})
	require.NoError(t, err)
	dir := t.TempDir()
	require.NoError(t, a.Save(dir))
	path := filepath.Join(dir, peft.WeightsFile)
	file, err := peft.ReadTensors(path)
	require.NoError(t, err)
	require.Contains(t, file, queryMask)
	file[queryMask] = mask
	require.NoError(t, peft.WriteTensors(path, file))
	return dir
}

const queryMask = "base_model.model.bert.encoder.layer.0.attention.self.query.shira_indices"

// A mask that is too thin, or reaches outside of the weight, is refused by its site and its numbers.
func TestBadMasks(t *testing.T) {
	outside := make([]int32, 2*16)
	outside[16+3] = 8
	for says, mask := range map[string]*peft.Tensor{
		"has shape [2 15], this backbone and config want [2 16]":   tensors.FromFlatDataAndDimensions(make([]int32, 2*15), 2, 15),
		"place 3 is row 0, column 8, outside of the weight [8, 8]": tensors.FromFlatDataAndDimensions(outside, 2, 16),
	} {
		b, err := pefttest.Tiny()
		require.NoError(t, err)
		_, err = peft.Load(b, saved(t, mask))
		require.ErrorIs(t, err, peft.ErrTensor)
		require.ErrorContains(t, err, queryMask)
		require.ErrorContains(t, err, says)
	}
}

// A mask of somebody's own is read and kept; no fresh adapter has one.
func TestOwnMask(t *testing.T) {
	own := make([]int32, 2*16)
	for i := range 16 {
		own[i], own[16+i] = int32(i/8), int32(i%8)
	}
	mask := tensors.FromFlatDataAndDimensions(own, 2, 16)
	dir := saved(t, mask)
	b, err := pefttest.Tiny()
	require.NoError(t, err)
	a, err := peft.Load(b, dir)
	require.NoError(t, err)
	require.NoError(t, a.Save(dir))
	file, err := peft.ReadTensors(filepath.Join(dir, peft.WeightsFile))
	require.NoError(t, err)
	require.True(t, mask.Equal(file[queryMask]))

	_, err = peft.Attach(b, "a", &shira.Config{MaskType: "magnitude", Targets: peft.Match("query")})
	require.ErrorIs(t, err, peft.ErrConfig)
	require.ErrorContains(t, err, "mask_type")
}
