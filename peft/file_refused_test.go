package peft_test

import (
	"fmt"
	"maps"
	"math"
	"path/filepath"
	"slices"
	"testing"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"

	"github.com/gopeft/gopeft/internal/pefttest/golden"
	"github.com/gopeft/gopeft/internal/safetensors"
	"github.com/gopeft/gopeft/peft"
)

// A file's NaN and infinities are refused by file, tensor and value, in whatever type they are stored and whatever the
// tensor is for, and taken only on demand.
func TestFileNotFinite(t *testing.T) {
	golden.OnGo(t)
	s := newScene(t)
	half := func(v peft.Tensors, to dtypes.DType) {
		for key, x := range v {
			v[key] = must(safetensors.Convert(x, to))
		}
	}
	const head = "base_model.model.classifier.bias"
	at := func(key string, place int, value float64) func(peft.Tensors) {
		return func(v peft.Tensors) {
			x := v[key]
			flat := must(tensors.CopyFlatData[float32](x))
			flat[place] = float32(value)
			v[key] = tensors.FromFlatDataAndDimensions(flat, x.Shape().Dimensions...)
		}
	}
	inf, nan := math.Inf(1), math.NaN()
	for name, c := range map[string]struct {
		key    string
		place  int
		value  float64
		change func(peft.Tensors)
	}{
		"float32":  {queryA, 33, nan, at(queryA, 33, nan)},
		"float16":  {queryA, 127, -inf, func(v peft.Tensors) { at(queryA, 127, -inf)(v); half(v, dtypes.Float16) }},
		"bfloat16": {queryA, 0, inf, func(v peft.Tensors) { at(queryA, 0, inf)(v); half(v, dtypes.BFloat16) }},
		"too large": {queryA, 5, 1e300, func(v peft.Tensors) {
			flat := make([]float64, 128)
			flat[5] = 1e300
			v[queryA] = tensors.FromFlatDataAndDimensions(flat, 4, 32)
		}},
		"saved module": {head, 1, nan, at(head, 1, nan)},
		"embeddings beside": {wordsKey, 40, nan, func(v peft.Tensors) {
			v[wordsKey] = tensors.FromFlatDataAndDimensions(make([]float32, 61*32), 61, 32)
			at(wordsKey, 40, nan)(v)
		}},
		"of another size": {wordsKey, 70 * 32, inf, func(v peft.Tensors) {
			v[wordsKey] = tensors.FromFlatDataAndDimensions(make([]float32, 71*32), 71, 32)
			at(wordsKey, 70*32, inf)(v)
		}},
	} {
		t.Run(name, func(t *testing.T) {
			dir := edited(t, "lora", nil, c.change)
			a := peft.New(s.b)
			_, err := a.LoadAs("kept", golden.Committed(t).CaseDir("bert_seqcls", "lora"))
			require.NoError(t, err)
			_, asErr := a.LoadAs("a", dir)
			_, allErr := a.LoadAll([]string{dir})
			_, replaceErr := a.Replace("kept", dir)
			for _, err := range []error{asErr, allErr, replaceErr} {
				var bad *peft.NotFiniteError
				require.ErrorAs(t, err, &bad)
				require.ErrorIs(t, err, peft.ErrTensor)
				var tensor *peft.TensorError
				require.ErrorAs(t, err, &tensor)
				require.Equal(t, c.key, bad.Tensor)
				require.Equal(t, filepath.Join(dir, peft.WeightsFile), bad.Path)
				require.Equal(t, c.place, bad.At)
				require.True(t, bad.Value == c.value || c.value != c.value && bad.Value != bad.Value, bad.Value)
				for _, says := range []string{bad.Path, c.key, fmt.Sprintf("number %d is %v ", c.place, c.value)} {
					require.ErrorContains(t, err, says)
				}
			}
			require.Equal(t, []string{"kept"}, a.Names())
			for _, o := range []peft.Option{peft.AllowNotFinite(), peft.Lenient()} {
				_, err = peft.Load(s.b, dir, o)
				require.NoError(t, err)
			}
		})
	}
	// Nothing else is allowed by it.
	_, err := peft.Load(s.b, edited(t, "lora", nil, func(v peft.Tensors) { delete(v, queryA) }), peft.AllowNotFinite())
	require.ErrorContains(t, err, queryA+`": is missing`)
}

// So are values that were read by ReadTensors and are set, or started from.
func TestSetNotFinite(t *testing.T) {
	golden.OnGo(t)
	s := newScene(t)
	dir := edited(t, "lora", nil, nil)
	a, err := peft.Load(s.b, dir)
	require.NoError(t, err)
	ad := must(a.Adapter("edited"))
	before := s.flat(ad, queryA)
	flat := make([]float32, 128)
	flat[17] = float32(math.Inf(-1))
	bad := peft.Tensors{queryA: tensors.FromFlatDataAndDimensions(flat, 4, 32)}
	for _, err := range []error{ad.Set(ad.Config(), bad), a.StartOver("edited", bad)} {
		var e *peft.NotFiniteError
		require.ErrorAs(t, err, &e)
		require.Equal(t, peft.NotFiniteError{TensorError: peft.TensorError{Tensor: queryA, Reason: e.Reason}, At: 17, Value: math.Inf(-1)}, *e)
		require.ErrorIs(t, err, peft.ErrTensor)
		require.Equal(t, before, s.flat(must(a.Adapter("edited")), queryA))
	}
	require.NoError(t, ad.Set(ad.Config(), bad, peft.AllowNotFinite()))
	require.Equal(t, flat, s.flat(ad, queryA))
	require.NoError(t, a.StartOver("edited", bad, peft.AllowNotFinite()))

	// What a saved prompt was computed from, as -init has it, makes an adapter anew.
	c, err := golden.Committed(t).Case("bert_seqcls", "prefix-proj")
	require.NoError(t, err)
	_, err = a.LoadAs("p", c.Dir)
	require.NoError(t, err)
	first := golden.Under(c.Golden, "init.")
	key := slices.Min(slices.Collect(maps.Keys(first)))
	flat = must(tensors.CopyFlatData[float32](first[key]))
	flat[2] = float32(math.NaN())
	first[key] = tensors.FromFlatDataAndDimensions(flat, first[key].Shape().Dimensions...)
	var e *peft.NotFiniteError
	require.ErrorAs(t, a.StartOver("p", maps.Clone(first)), &e)
	require.Equal(t, 2, e.At)
	require.NoError(t, a.StartOver("p", first, peft.AllowNotFinite()))
}

// An adapter and a backbone never end up in one folder, where transformers would open them as something else.
func TestFoldersOfTheirOwn(t *testing.T) {
	b := classifier(t)
	dir := filepath.Join(t.TempDir(), "b")
	require.NoError(t, b.Save(dir))
	require.NoError(t, b.Save(dir))
	a, err := peft.Attach(b, "a", headed(t))
	require.NoError(t, err)
	require.ErrorContains(t, a.Save(dir), "holds a backbone (model.safetensors)")
	require.NoFileExists(t, filepath.Join(dir, peft.ConfigFile))
	require.ErrorContains(t, b.Save(savedAdapter(t, b, headed(t))), "holds an adapter")
}
