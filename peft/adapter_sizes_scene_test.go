package peft_test

import (
	"bytes"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"

	"github.com/gopeft/gopeft/internal/pefttest/golden"
	"github.com/gopeft/gopeft/internal/safetensors"
	"github.com/gopeft/gopeft/peft"
)

// sizes is a base with the golden cases of adapters that have their own sizes.
type sizes struct {
	*testing.T
	*peft.Adapted
	f    golden.Fixtures
	base *golden.Base
}

func newSizes(t *testing.T, base string) *sizes {
	f := golden.Committed(t)
	b, err := f.Base(golden.OpenEngine(t), base)
	require.NoError(t, err)
	return &sizes{t, peft.New(b.Backbone), f, b}
}

// load opens a golden case, and gives what the reference makes of its arguments.
func (s *sizes) load(name string) *golden.Case {
	s.Helper()
	c, err := s.f.Case(s.base.Name, name)
	require.NoError(s, err)
	_, err = s.LoadAs(name, c.Dir)
	require.NoError(s, err)
	return c
}

// edited copies a golden case with other tensors, and words of its config replaced.
func (s *sizes) edited(name string, change func(peft.Tensors), words ...string) string {
	s.Helper()
	raw, err := os.ReadFile(filepath.Join(s.f.CaseDir(s.base.Name, name), peft.ConfigFile))
	require.NoError(s, err)
	for i := 0; i < len(words); i += 2 {
		require.Contains(s, string(raw), words[i])
		raw = []byte(strings.Replace(string(raw), words[i], words[i+1], 1))
	}
	values, err := peft.ReadTensors(filepath.Join(s.f.CaseDir(s.base.Name, name), peft.WeightsFile))
	require.NoError(s, err)
	change(values)
	dir := s.TempDir()
	var b bytes.Buffer
	require.NoError(s, safetensors.Encode(&b, values, nil))
	require.NoError(s, os.WriteFile(filepath.Join(dir, peft.ConfigFile), raw, 0o644))
	require.NoError(s, os.WriteFile(filepath.Join(dir, peft.WeightsFile), b.Bytes(), 0o644))
	return dir
}

// firstRows keeps n rows of every tensor that has as many as of.
func firstRows(of, n int) func(peft.Tensors) {
	return func(v peft.Tensors) {
		for key, t := range v {
			if d := slices.Clone(t.Shape().Dimensions); d[0] == of {
				d[0] = n
				flat := tensors.MustCopyFlatData[float32](t)
				v[key] = tensors.FromFlatDataAndDimensions(flat[:len(flat)/of*n], d...)
			}
		}
	}
}

func (s *sizes) forward(sel peft.Selection, in peft.Tensors) peft.Tensors {
	s.Helper()
	out, err := s.Forward(s.Context(), sel, in)
	require.NoError(s, err)
	return out
}

func with(in peft.Tensors, name string, value any) peft.Tensors {
	out := maps.Clone(in)
	out[name] = must(tensors.FromAnyValue(value))
	return out
}

func abs(v float32) float32 { return max(v, -v) }
