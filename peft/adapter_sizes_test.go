package peft_test

import (
	"path/filepath"
	"sync"
	"testing"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"

	"github.com/gopeft/gopeft/internal/pefttest/golden"
	"github.com/gopeft/gopeft/models"
	"github.com/gopeft/gopeft/peft"
)

// Ids and labels are checked against the vocabulary in force: that of the backbone without the adapter, its own with it.
func TestOwnVocabulary(t *testing.T) {
	s := newSizes(t, "llama_lm")
	c := s.load("lora-resized-save")
	in := golden.Under(c.Golden, "in.")
	out := s.forward(peft.Use("lora-resized-save"), in)
	require.Equal(t, []int{3, 9, 71}, out["logits"].Shape().Dimensions)

	var bad *peft.InputError
	_, err := s.Forward(t.Context(), peft.Base(), in)
	require.ErrorAs(t, err, &bad)
	require.ErrorContains(t, err, "input_ids: value 69 at 1 is outside 0..60")
	_, err = s.Forward(t.Context(), peft.Use("lora-resized-save"), peft.Tensors{"input_ids": tensors.FromValue([][]int32{{70, 71}})})
	require.ErrorContains(t, err, "input_ids: value 71 at 1 is outside 0..70")
	labelled := peft.Tensors{"input_ids": tensors.FromValue([][]int32{{1, 2}}), "labels": tensors.FromValue([][]int32{{70, 70}})}
	s.forward(peft.Use("lora-resized-save"), labelled)
	_, err = s.Forward(t.Context(), peft.Base(), labelled)
	require.ErrorContains(t, err, "labels: value 70 at 0 is outside 0..60")

	ad, err := s.Adapter("lora-resized-save")
	require.NoError(t, err)
	require.Equal(t, 71, ad.Info().Vocab)
	require.Equal(t, 71, must(s.Info(peft.Use("lora-resized-save"))).Vocab)
	require.Equal(t, 61, must(s.Info(peft.Base())).Vocab)
	require.Equal(t, 61, s.Backbone().Info().Vocab)
	_, err = s.Info(peft.Use("nobody"))
	require.ErrorIs(t, err, peft.ErrAdapter)
}

// A head of another width brings its classes, named by the file where it says so.
func TestOwnClasses(t *testing.T) {
	s := newSizes(t, "bert_seqcls")
	c := s.load("lora-classes")
	five := peft.Use("lora-classes")
	in := golden.Under(c.Golden, "in.")
	s.forward(five, with(in, "labels", []int32{4, 3, 0}))
	_, err := s.Forward(t.Context(), five, with(in, "labels", []int32{5, 0, 0}))
	require.ErrorContains(t, err, "labels: value 5 at 0 is outside 0..4")
	_, err = s.Forward(t.Context(), peft.Base(), with(in, "labels", []int32{4, 3, 0}))
	require.ErrorContains(t, err, "labels: value 4 at 0 is outside 0..2")

	ad, err := s.Adapter("lora-classes")
	require.NoError(t, err)
	require.Equal(t, []string{"LABEL_0", "LABEL_1", "LABEL_2", "LABEL_3", "LABEL_4"}, ad.Info().Classes)
	require.Equal(t, []string{"LABEL_0", "LABEL_1", "LABEL_2"}, s.Backbone().Info().Classes)

	names := `["a", "b", "c", "d", "e"]`
	dir := s.edited("lora-classes", func(peft.Tensors) {}, `"bias": "none"`, `"bias": "none", "gopeft_labels": `+names)
	named, err := s.LoadAs("named", dir)
	require.NoError(t, err)
	require.Equal(t, []string{"a", "b", "c", "d", "e"}, named.Info().Classes)

	merged, err := s.Merge(t.Context(), peft.Use("named"))
	require.NoError(t, err)
	require.NoError(t, merged.Save(filepath.Join(dir, "merged")))
	opened, err := models.Load(filepath.Join(dir, "merged"), models.On(merged.Engine()))
	require.NoError(t, err)
	require.Equal(t, named.Info().Classes, opened.Info().Classes)
}

// A prompt method's file names its head otherwise, and an adapter whose file lacks what it trained starts over in its sizes.
func TestOwnClassesOfAPrompt(t *testing.T) {
	s := newSizes(t, "bert_seqcls")
	dir := s.edited("prefix-proj", firstRows(3, 2))
	ad, err := s.LoadAs("two", dir)
	require.NoError(t, err)
	require.Len(t, ad.Info().Classes, 2)
	c, err := s.f.Case("bert_seqcls", "prefix-proj")
	require.NoError(t, err)
	in := with(s.base.In, "labels", []int32{1, 0, 1})
	before := s.forward(peft.Use("two"), in)
	require.Equal(t, []int{3, 2}, before["logits"].Shape().Dimensions)

	values := golden.Under(c.Golden, "init.")
	firstRows(3, 2)(values)
	require.NoError(t, s.StartOver("two", values))
	after := s.forward(peft.Use("two"), in)
	require.NoError(t, golden.Tolerance{Abs: 1e-4, Rel: 1e-4}.NearAll("started over", before, after))
	require.Len(t, must(s.Info(peft.Use("two"))).Classes, 2)
	again := filepath.Join(t.TempDir(), "again")
	require.NoError(t, s.SaveAdapter("two", again))
	two, err := peft.Load(s.base.Backbone, again)
	require.NoError(t, err)
	require.Equal(t, 2, len(must(two.Adapter("again")).Info().Classes))
}

// Adapters of different sizes serve one backbone at once. With fewer tokens the logits are the first columns of those with
// more: the head is a row for each token.
func TestSizesSideBySide(t *testing.T) {
	s := newSizes(t, "llama_lm")
	s.load("lora-resized-save")
	_, err := s.LoadAs("few", s.edited("lora-resized-save", firstRows(71, 40)))
	require.NoError(t, err)
	_, err = s.LoadAs("middle", s.edited("lora-resized-save", firstRows(71, 66)))
	require.NoError(t, err)
	in := peft.Tensors{"input_ids": tensors.FromValue([][]int32{{3, 39, 7}, {0, 1, 2}})}
	base, most := s.forward(peft.Base(), in)["logits"], s.forward(peft.Use("lora-resized-save"), in)["logits"]
	var wait sync.WaitGroup
	for range 3 {
		for name, width := range map[string]int{"few": 40, "middle": 66, "lora-resized-save": 71, "": 61} {
			wait.Go(func() {
				sel, want := peft.Use(name), most
				if name == "" {
					sel, want = peft.Base(), base
				}
				out, err := s.Forward(t.Context(), sel, in)
				if err != nil {
					t.Error(err)
					return
				}
				got := tensors.MustCopyFlatData[float32](out["logits"])
				whole := want.Shape().Dimensions[2]
				for i, v := range tensors.MustCopyFlatData[float32](want) {
					if row, column := i/whole, i%whole; column < width && abs(v-got[row*width+column]) > 1e-5 {
						t.Errorf("%q: %v at row %d, column %d, want %v", name, got[row*width+column], row, column, v)
						return
					}
				}
			})
		}
	}
	wait.Wait()
	require.Equal(t, 61, base.Shape().Dimensions[2])
}
