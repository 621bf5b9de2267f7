package frod_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"

	"github.com/gopeft/gopeft/internal/pefttest/golden"
	"github.com/gopeft/gopeft/lora/frod"
	"github.com/gopeft/gopeft/peft"
	"github.com/gopeft/gopeft/peft/pefttest"
)

// A fresh adapter has the places that HF PEFT draws, for one kind of modules after the other, and starts from the lengths.
func TestPlaces(t *testing.T) {
	rate := 0.05
	for _, c := range []struct {
		fixtures   golden.Fixtures
		base, name string
		config     frod.Config
	}{
		{golden.Committed(t), "bert_seqcls", "frod", frod.Config{Targets: peft.Match("query", "value", "output.dense")}},
		{golden.Variants(t), "bert_seqcls", "frod-dense", frod.Config{SparseRate: &rate, Seed: 2, Targets: peft.Match("query", "output.dense")}},
	} {
		base, err := c.fixtures.Base(golden.OpenEngine(t), c.base)
		require.NoError(t, err)
		a, err := peft.Attach(base.Backbone, "a", &c.config)
		require.NoError(t, err)
		adapter, err := a.Adapter("a")
		require.NoError(t, err)
		dir := t.TempDir()
		require.NoError(t, adapter.Save(dir))
		got, err := golden.ReadTensors(filepath.Join(dir, peft.WeightsFile))
		require.NoError(t, err)
		want, err := golden.ReadTensors(filepath.Join(c.fixtures.CaseDir(c.base, c.name), peft.WeightsFile))
		require.NoError(t, err)
		n := 0
		for key := range got {
			if strings.Contains(key, ".frod_s_") {
				n++
				require.True(t, want[key].Equal(got[key]), key)
			}
		}
		require.NotZero(t, n)
	}
}

// attached is an adapter on the tiny network's query, of 8 by 8 entries, saved in a folder.
func attached(t *testing.T, c *frod.Config) string {
	b, err := pefttest.Tiny()
	require.NoError(t, err)
	c.Targets = peft.Match("query")
	a, err := peft.Attach(b, "a", c)
	require.NoError(t, err)
	dir := t.TempDir()
	require.NoError(t, a.Save(dir))
	return dir
}

func change(t *testing.T, dir string, f func(peft.Tensors)) {
	path := filepath.Join(dir, peft.WeightsFile)
	file, err := peft.ReadTensors(path)
	require.NoError(t, err)
	f(file)
	require.NoError(t, peft.WriteTensors(path, file))
}

// A place outside of S is refused by its tensor.
func TestPlacesOutside(t *testing.T) {
	dir := attached(t, &frod.Config{})
	const key = "base_model.frod_s_indices.self_query"
	change(t, dir, func(file peft.Tensors) {
		require.Equal(t, []int{2, 1}, file[key].Shape().Dimensions)
		file[key] = tensors.FromFlatDataAndDimensions([]int64{0, 8}, 2, 1)
	})
	b, err := pefttest.Tiny()
	require.NoError(t, err)
	_, err = peft.Load(b, dir)
	require.ErrorIs(t, err, peft.ErrTensor)
	require.ErrorContains(t, err, key)
	require.ErrorContains(t, err, "its number 1 is 8: S has the rows and columns 0 to 7")
}

// HF PEFT's files of save_projection false lack V, and open with a warning; with save_projection true the lack is an error.
func TestWithoutV(t *testing.T) {
	const key = "base_model.frod_V.self_query"
	for _, save := range []bool{false, true} {
		dir := attached(t, &frod.Config{SaveProjection: &save})
		change(t, dir, func(file peft.Tensors) {
			require.Contains(t, file, key)
			delete(file, key)
		})
		b, err := pefttest.Tiny()
		require.NoError(t, err)
		a, err := peft.Load(b, dir)
		if save {
			require.ErrorContains(t, err, key)
			continue
		}
		require.NoError(t, err)
		for _, name := range a.Names() {
			adapter, err := a.Adapter(name)
			require.NoError(t, err)
			require.Len(t, adapter.Warnings(), 1)
			require.Contains(t, adapter.Warnings()[0], "lacks the V of 1 kinds of modules")
		}
	}
}
