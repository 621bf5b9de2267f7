package peft_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"

	"github.com/gopeft/gopeft/internal/pefttest/golden"
	"github.com/gopeft/gopeft/internal/safetensors"
	"github.com/gopeft/gopeft/models"
	"github.com/gopeft/gopeft/peft"
)

// resized are the golden cases with a vocabulary of 71 on bases of 61, by base.
var resized = map[string][]string{
	"llama_lm": {"lora-resized-save", "lora-resized-embed"}, "gpt2_lm": {"lora-resized-save", "lora-resized-tokens"},
	"t5_s2s": {"lora-resized"}, "bart_s2s": {"lora-resized-head"}, "bert_mlm": {"lora-resized"},
}

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
	require.Equal(t, []string{"LABEL_0", "LABEL_1", "LABEL_2", "LABEL_3", "LABEL_4"}, ad.Info().Labels)
	require.Equal(t, []string{"LABEL_0", "LABEL_1", "LABEL_2"}, s.Backbone().Info().Labels)

	names := `["a", "b", "c", "d", "e"]`
	dir := s.edited("lora-classes", func(peft.Tensors) {}, `"bias": "none"`, `"bias": "none", "gopeft_labels": `+names)
	named, err := s.LoadAs("named", dir)
	require.NoError(t, err)
	require.Equal(t, []string{"a", "b", "c", "d", "e"}, named.Info().Labels)

	merged, err := s.Merge(t.Context(), peft.Use("named"))
	require.NoError(t, err)
	require.NoError(t, merged.Save(filepath.Join(dir, "merged")))
	opened, err := models.Load(filepath.Join(dir, "merged"), models.On(merged.Engine()))
	require.NoError(t, err)
	require.Equal(t, named.Info().Labels, opened.Info().Labels)
}

// A prompt method's file names its head otherwise, and an adapter whose file lacks what it trained starts over in its sizes.
func TestOwnClassesOfAPrompt(t *testing.T) {
	s := newSizes(t, "bert_seqcls")
	dir := s.edited("prefix-proj", firstRows(3, 2))
	ad, err := s.LoadAs("two", dir)
	require.NoError(t, err)
	require.Len(t, ad.Info().Labels, 2)
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
	again := filepath.Join(t.TempDir(), "again")
	require.NoError(t, s.SaveAdapter("two", again))
	two, err := peft.Load(s.base.Backbone, again)
	require.NoError(t, err)
	require.Equal(t, 2, len(must(two.Adapter("again")).Info().Labels))
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

func abs(v float32) float32 { return max(v, -v) }

// What can't be computed in one batch says so, by the adapters' names and sizes.
func TestSizesDontMix(t *testing.T) {
	s := newSizes(t, "llama_lm")
	s.load("lora-resized-save")
	s.load("lora-resized-embed")
	_, err := s.LoadAs("few", s.edited("lora-resized-save", firstRows(71, 40)))
	require.NoError(t, err)
	require.NoError(t, s.Attach("queries", small(4, 8, "q_proj")))
	require.NoError(t, s.Attach("words", small(4, 8, "embed_tokens")))
	require.NoError(t, s.Attach("head", small(4, 8, "lm_head")))
	three := s.base.In
	for text, says := range map[string][]string{
		"average(few:0.5,queries:0.5)":    {"averaged", `"few" has 40 tokens`, `"queries" has 61 tokens`, "the backbone has 61 tokens"},
		"average(few:1)":                  {"averaged"},
		"rows(few,queries,few)":           {"one batch", `"few" has 40 tokens`, `"queries" has 61 tokens`},
		"rows(few,,few)":                  {"the bare backbone", `"few" has 40 tokens`},
		"rows(few,lora-resized-save,few)": {"one batch", `"few" has 40 tokens`, `"lora-resized-save" has 71 tokens`},
		// What these were trained on differs where neither of them trains.
		"rows(lora-resized-save,lora-resized-embed,lora-resized-save)": {"one batch"},
		"stack(few,lora-resized-save)":                                 {"act together", `"few" has 40 tokens`},
		"stack(few,words)":                                             {"act together", `"words" has 61 tokens`},
		"stack(head,few)":                                              {"act together"},
	} {
		var sel peft.Selection
		if rows, ok := strings.CutPrefix(text, "rows("); ok {
			sel = peft.Rows(strings.Split(strings.TrimSuffix(rows, ")"), ",")...)
		} else if sel, err = peft.ParseSelection(text); err != nil {
			t.Fatal(err)
		}
		_, err := s.Forward(t.Context(), sel, three)
		require.ErrorIs(t, err, peft.ErrAdapter, text)
		for _, part := range says {
			require.ErrorContains(t, err, part, text)
		}
		if !strings.HasPrefix(text, "rows") {
			_, err = s.Merge(t.Context(), sel)
			require.Error(t, err, text)
		}
	}
	// An adapter that leaves the vocabulary alone acts on any.
	both := peft.Use("few", "queries")
	ad := must(s.Adapter("queries"))
	require.NoError(t, ad.Set(shaken(ad, "queries")))
	in := peft.Tensors{"input_ids": tensors.FromValue([][]int32{{3, 39, 7}, {0, 1, 2}})}
	got := s.forward(both, in)
	few := must(s.Merge(t.Context(), peft.Use("few")))
	on := peft.New(few)
	require.NoError(t, on.Attach("queries", small(4, 8, "q_proj")))
	require.NoError(t, must(on.Adapter("queries")).Set(ad.Values()))
	near := golden.Tolerance{Abs: 1e-5, Rel: 1e-5}
	require.NoError(t, near.NearAll("on the merged", must(on.Forward(t.Context(), peft.Use("queries"), in)), got))
	merged := must(s.Merge(t.Context(), both))
	require.NoError(t, near.NearAll("merged", got, must(merged.Forward(t.Context(), in))))
	require.Equal(t, 40, merged.Info().Vocab)
	require.Same(t, s.Backbone(), merged.Unmerge())
}

// Rows may name adapters whose heads have one width, another than the backbone's.
func TestRowsOfOwnClasses(t *testing.T) {
	s := newSizes(t, "bert_seqcls")
	s.load("lora-classes")
	other, err := s.LoadAs("other", s.f.CaseDir("bert_seqcls", "lora-classes"))
	require.NoError(t, err)
	require.NoError(t, other.Set(shaken(other, "other")))
	in := maps.Clone(s.base.In)
	delete(in, "labels")
	one, two := rowsOf(s.forward(peft.Use("lora-classes"), in)["logits"]), rowsOf(s.forward(peft.Use("other"), in)["logits"])
	got := rowsOf(s.forward(peft.Rows("other", "lora-classes", "other"), in)["logits"])
	for i, want := range [][]float32{two[0], one[1], two[2]} {
		require.InDeltaSlice(t, want, got[i], 1e-5, "row %d", i)
	}
}

// Loading stays strict: what is not as many rows as all the rest is refused by name, and nothing is added.
func TestSizesMisfit(t *testing.T) {
	const head, words, embed = "base_model.model.lm_head.", "base_model.model.model.embed_tokens.", "base_model.model.model.embed_tokens.base_layer.weight"
	zeros := func(shape ...int) *peft.Tensor {
		n := 1
		for _, d := range shape {
			n *= d
		}
		return tensors.FromFlatDataAndDimensions(make([]float32, n), shape...)
	}
	s := newSizes(t, "llama_lm")
	for name, c := range map[string]struct {
		of     string
		change func(peft.Tensors)
		says   []string
	}{
		"no head": {"lora-resized-save", func(v peft.Tensors) {
			maps.DeleteFunc(v, func(key string, _ *peft.Tensor) bool { return strings.HasPrefix(key, head) })
		}, []string{"lm_head.weight", "is missing", "71 tokens", "61 tokens"}},
		"another width": {"lora-resized-embed", func(v peft.Tensors) { v[embed] = zeros(71, 31) }, []string{embed, "[71 31]", "[71 32]"}},
		"other rows":    {"lora-resized-embed", func(v peft.Tensors) { v[embed] = zeros(70, 32) }, []string{"70", "71", embed, head + "base_layer.weight"}},
		"other rows of A": {"lora-resized-embed", func(v peft.Tensors) { v[words+"lora_embedding_A"] = zeros(4, 61) },
			[]string{words + "lora_embedding_A", "[4 61]", "[4 71]"}},
		"trained otherwise": {"lora-resized-save", func(v peft.Tensors) {
			v[words+"weight"] = zeros(70, 32)
			delete(v, words+"modules_to_save.weight")
		}, []string{words + "weight", "[70 32]", "[71 32]"}},
		"a copy that is none": {"lora-resized-save", func(v peft.Tensors) { v[words+"modules_to_save.weight"] = zeros(71, 32) },
			[]string{words + "modules_to_save.weight", "differs from " + words + "weight"}},
		"twice":     {"lora-resized-embed", func(v peft.Tensors) { v[words+"weight"] = zeros(71, 32) }, []string{words, "same value as"}},
		"no copy":   {"lora-resized-embed", func(v peft.Tensors) { v[words+"original_module.weight"] = zeros(71, 32) }, []string{words + "original_module.weight"}},
		"no rows":   {"lora-resized-embed", func(v peft.Tensors) { v[embed] = zeros(0, 32) }, []string{embed, "[0 32]"}},
		"only LoRA": {"lora-resized-embed", func(v peft.Tensors) { delete(v, embed); delete(v, head+"base_layer.weight") }, []string{"lora", "71", "61"}},
	} {
		_, err := s.LoadAs("bad", s.edited(c.of, c.change))
		require.ErrorIs(t, err, peft.ErrTensor, name)
		for _, part := range c.says {
			require.ErrorContains(t, err, part, name)
		}
		require.Empty(t, s.Names(), name)
	}
	b := newSizes(t, "bert_seqcls")
	_, err := b.LoadAs("bad", b.edited("lora-classes", func(v peft.Tensors) { v["base_model.model.classifier.bias"] = zeros(4) }))
	require.ErrorIs(t, err, peft.ErrTensor)
	require.ErrorContains(t, err, "classifier.weight")
}

// On a backbone that was resized the same files open as well, with the same numbers and the same bytes when saved.
func TestOpensOnResized(t *testing.T) {
	for base, cases := range resized {
		s := newSizes(t, base)
		b, err := models.Resize(s.base.Backbone, 71, 5)
		require.NoError(t, err)
		for _, name := range cases {
			c, err := s.f.Case(base, name)
			require.NoError(t, err)
			a, err := peft.Load(b, c.Dir)
			require.NoError(t, err, name)
			require.NoError(t, golden.Tolerance{Abs: 1e-4, Rel: 1e-4}.NearAll(base+" "+name, golden.Under(c.Golden, "out."),
				must(a.Forward(t.Context(), a.All(), golden.Under(c.Golden, "in.")))))
			dir := filepath.Join(t.TempDir(), "again")
			require.NoError(t, a.Save(dir))
			want, got := must(peft.ReadTensors(filepath.Join(c.Dir, peft.WeightsFile))), must(peft.ReadTensors(filepath.Join(dir, peft.WeightsFile)))
			require.NoError(t, golden.Same(base+" "+name, want, got))
		}
	}
}

// A merged backbone says its sizes in config.json.
func TestMergedSizes(t *testing.T) {
	s := newSizes(t, "llama_lm")
	s.load("lora-resized-save")
	merged, err := s.Merge(t.Context(), peft.Use("lora-resized-save"))
	require.NoError(t, err)
	require.Equal(t, 71, merged.Info().Vocab)
	var config struct {
		Vocab int `json:"vocab_size"`
	}
	require.NoError(t, json.Unmarshal(merged.Origin().Config, &config))
	require.Equal(t, 71, config.Vocab)
	again, err := models.Resize(merged, 61, 0)
	require.NoError(t, err)
	require.Equal(t, 61, again.Info().Vocab)
	_, err = peft.New(merged).LoadAs("same", s.f.CaseDir("llama_lm", "lora-resized-save"))
	require.NoError(t, err)
}

// A backbone whose model comes in one size says what does not fit, as ever.
func TestFixedSizes(t *testing.T) {
	s := newSizes(t, "bert_seqcls")
	from := s.base.Backbone.Origin()
	from.Resized = nil
	fixed, err := peft.NewBackbone(peft.ModelOf(s.base.Backbone), maps.Collect(s.base.Backbone.Values()), s.base.Backbone.Engine(), from)
	require.NoError(t, err)
	_, err = peft.Load(fixed, s.f.CaseDir("bert_seqcls", "lora-classes"))
	require.ErrorIs(t, err, peft.ErrTensor)
	require.ErrorContains(t, err, "[5")

	from.Resized = func(int, []string) (*peft.Resized, error) { return nil, errors.New("no such size") }
	stubborn, err := peft.NewBackbone(peft.ModelOf(s.base.Backbone), maps.Collect(s.base.Backbone.Values()), s.base.Backbone.Engine(), from)
	require.NoError(t, err)
	_, err = peft.Load(stubborn, s.f.CaseDir("bert_seqcls", "lora-classes"))
	require.ErrorContains(t, err, "no such size")
}
