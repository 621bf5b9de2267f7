package models_test

import (
	"sync"
	"testing"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"

	"github.com/gopeft/gopeft/models"
	"github.com/gopeft/gopeft/peft"
)

// Backbones that ask for the same engine get the same one, and one that is given is used as it is.
func TestBackbonesShareAnEngine(t *testing.T) {
	dir, one := named(t, tiny("BertModel", ""))
	two, err := models.Load(dir)
	require.NoError(t, err)
	require.Same(t, one.Engine(), two.Engine())

	pure, err := models.Load(dir, models.Backend("go"))
	require.NoError(t, err)
	drawn, err := models.Random(tinyGPT2("GPT2Model", ""), models.Backend("go"))
	require.NoError(t, err)
	require.Same(t, pure.Engine(), drawn.Engine())
	other, err := models.Load(dir, models.Backend("go:ops_sequential"))
	require.NoError(t, err)
	require.NotSame(t, pure.Engine(), other.Engine())
	t.Setenv("GOMLX_BACKEND", "go:ops_sequential")
	again, err := models.Load(dir)
	require.NoError(t, err)
	require.Same(t, other.Engine(), again.Engine())

	own, err := peft.OpenEngine("go")
	require.NoError(t, err)
	given, err := models.Load(dir, models.On(own))
	require.NoError(t, err)
	require.Same(t, own, given.Engine())
	require.NotSame(t, pure.Engine(), own)
	own.Close()
}

// What one backbone gives the next one takes: one reads waveforms, and the other learns what it read.
func TestOutputsOfOneBackboneAreInputsOfAnother(t *testing.T) {
	teacher, err := models.Random(speech("wav2vec2", "Wav2Vec2ForCTC", ""), models.HeadSeed(3))
	require.NoError(t, err)
	student, err := models.Random(speech("hubert", "HubertForCTC", ""), models.HeadSeed(4))
	require.NoError(t, err)
	in := peft.Tensors{"input_values": wave(2, 60)}
	read, err := teacher.Forward(t.Context(), in)
	require.NoError(t, err)
	copied := tensors.FromFlatDataAndDimensions(tensors.MustCopyFlatData[int32](read["tokens"]), read["tokens"].Shape().Dimensions...)
	want, err := student.Forward(t.Context(), peft.Tensors{"input_values": in["input_values"], "labels": copied})
	require.NoError(t, err)
	got, err := student.Forward(t.Context(), peft.Tensors{"input_values": in["input_values"], "labels": read["tokens"]})
	require.NoError(t, err)
	require.Equal(t, tensors.ToScalar[float32](want["loss"]), tensors.ToScalar[float32](got["loss"]))
}

// Backbones are opened and run on the shared engine by many at once.
func TestManyOpenAtOnce(t *testing.T) {
	dir, first := named(t, tiny("BertModel", ""))
	want := forward(t, first, "last_hidden_state")
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			b, err := models.Load(dir)
			if err != nil {
				t.Error(err)
				return
			}
			out, err := b.Forward(t.Context(), input())
			if err != nil {
				t.Error(err)
				return
			}
			got := tensors.MustCopyFlatData[float32](out["last_hidden_state"])
			for i := range want {
				if got[i] != want[i] || b.Engine() != first.Engine() {
					t.Errorf("value %d: got %v, want %v", i, got[i], want[i])
					return
				}
			}
		})
	}
	wg.Wait()
}

func TestOptionsThatAreNil(t *testing.T) {
	dir, _ := named(t, tiny("BertModel", ""))
	own, err := peft.OpenEngine("go")
	require.NoError(t, err)
	t.Cleanup(own.Close)
	for _, c := range []struct {
		opts []models.LoadOption
		says string
	}{
		{[]models.LoadOption{models.On(nil)}, "On: the engine is nil"},
		{[]models.LoadOption{models.HeadSeed(1), nil}, "option 2 of 2 is nil"},
		{[]models.LoadOption{models.On(own), models.Backend("go")}, `On and Backend("go")`},
	} {
		_, loaded := models.Load(dir, c.opts...)
		_, random := models.Random(tiny("BertModel", ""), c.opts...)
		_, inspected := models.Inspect(dir, c.opts...)
		_, labelled := models.LoadForClasses(dir, []string{"a", "b"}, c.opts...)
		_, adapted := models.LoadFor(dir, "", c.opts...)
		for _, err := range []error{loaded, random, inspected, labelled, adapted} {
			require.ErrorIs(t, err, models.ErrOption)
			require.ErrorContains(t, err, c.says)
		}
	}
}
