package peft_test

import (
	"path/filepath"
	"testing"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"

	"github.com/gopeft/gopeft/lora"
	"github.com/gopeft/gopeft/peft"
)

func TestSetIsStrict(t *testing.T) {
	s := newScene(t)
	ad := s.attach("a", small(4, 8, "query"))
	before := s.flat(ad, queryA)
	good := tensors.FromFlatDataAndDimensions(make([]float32, 128), 4, 32)
	for says, values := range map[string]peft.Tensors{
		"no such value": {queryA: good, "gone": good},
		"has shape":     {queryA: tensors.FromFlatDataAndDimensions(make([]float32, 128), 32, 4)},
	} {
		err := ad.Set(ad.Config(), values)
		require.ErrorIs(t, err, peft.ErrTensor)
		require.ErrorContains(t, err, says)
	}
	require.Equal(t, before, s.flat(ad, queryA), "a refused set changes nothing")
}

// Another file's tensors don't silently act with this adapter's alpha: values are set with the config they belong to.
func TestSetKnowsWhoseValues(t *testing.T) {
	b := classifier(t)
	a, err := peft.Attach(b, "a", &lora.Config{R: 2, Alpha: 4})
	require.NoError(t, err)
	ad, err := a.Adapter("a")
	require.NoError(t, err)
	before := ad.Values()
	dir := savedAdapter(t, b, &lora.Config{R: 2, Alpha: 64, Init: lora.Random})
	cfg, err := peft.ReadConfig(dir)
	require.NoError(t, err)
	values, err := peft.ReadTensors(filepath.Join(dir, peft.WeightsFile))
	require.NoError(t, err)

	err = ad.Set(cfg, values)
	require.ErrorIs(t, err, peft.ErrConfig)
	require.ErrorContains(t, err, `lora_alpha: is 64 where the values come from, and 4 in adapter "a"`)
	require.ErrorIs(t, ad.Set(nil, values), peft.ErrConfig)
	require.Equal(t, before, ad.Values())

	same := savedAdapter(t, b, &lora.Config{R: 2, Alpha: 4, Init: lora.Random, Dropout: 0})
	cfg, err = peft.ReadConfig(same) // with its targets spelt out, and HF PEFT's other keys
	require.NoError(t, err)
	values, err = peft.ReadTensors(filepath.Join(same, peft.WeightsFile))
	require.NoError(t, err)
	require.NoError(t, ad.Set(cfg, values))
	for key, v := range values {
		require.True(t, v.Equal(ad.Values()[key]), key)
	}
}

// A nil tensor among the values is an error that names it, and changes nothing.
func TestSetNil(t *testing.T) {
	adapted, err := peft.Attach(sample(), "intents", &lora.Config{R: 2})
	require.NoError(t, err)
	ad, err := adapted.Adapter("intents")
	require.NoError(t, err)
	before := ad.Values()
	for key := range before {
		err := ad.Set(ad.Config(), peft.Tensors{key: nil})
		require.ErrorIs(t, err, peft.ErrTensor)
		require.ErrorContains(t, err, key)
	}
	require.Equal(t, before, ad.Values())
}

// Values of a training step of one's own are published in the order in which Run gives them.
func TestPublish(t *testing.T) {
	a, err := peft.Attach(classifier(t), "a", headed(t))
	require.NoError(t, err)
	ad, err := a.Adapter("a")
	require.NoError(t, err)
	params, err := a.Trainable(a.All())
	require.NoError(t, err)
	var next []*peft.Tensor
	for i, p := range params {
		flat := make([]float32, p.Size())
		for j := range flat {
			flat[j] = float32(i + 1)
		}
		next = append(next, tensors.FromFlatDataAndDimensions(flat, p.Shape...))
	}
	require.NoError(t, ad.Publish(next))
	for i, p := range params {
		v, err := ad.Value(p.FileKey())
		require.NoError(t, err)
		require.True(t, next[i].Equal(v), p.FileKey())
	}
	require.ErrorIs(t, ad.Publish(next[1:]), peft.ErrAdapter)
	next[0] = tensors.FromValue([]float32{1})
	require.ErrorIs(t, ad.Publish(next), peft.ErrTensor)
	next[0] = nil
	require.ErrorIs(t, ad.Publish(next), peft.ErrTensor)
}
