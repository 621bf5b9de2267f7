package models_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"

	"github.com/gopeft/gopeft/models"
	"github.com/gopeft/gopeft/models/arch"
	"github.com/gopeft/gopeft/peft"
)

// named is a checkpoint folder whose config names these classes.
func named(t *testing.T, config []byte, classes ...string) (dir string, b *peft.Backbone) {
	t.Helper()
	dir = t.TempDir()
	opts := []models.LoadOption{models.HeadSeed(7)}
	if len(classes) > 0 {
		opts = append(opts, models.Classes(classes...))
	}
	b, err := models.Random(config, opts...)
	require.NoError(t, err)
	require.NoError(t, b.Save(dir))
	return dir, b
}

func valueOf(t *testing.T, b *peft.Backbone, path string) []float32 {
	t.Helper()
	for p, v := range b.Values() {
		if p == path {
			return tensors.MustCopyFlatData[float32](v)
		}
	}
	t.Fatalf("no value %s", path)
	return nil
}

// Classes that name nothing, or the same thing twice, are refused by whoever takes names.
func TestLabelsThatNameNoClasses(t *testing.T) {
	dir, _ := named(t, tiny("BertForSequenceClassification", ""))
	for _, c := range []struct {
		names []string
		says  string
	}{
		{nil, "no class"},
		{[]string{"a", ""}, "class 1 has no name"},
		{[]string{"a", "b", "a"}, `class "a" is given twice, as class 0 and class 2`},
	} {
		_, loaded := models.Load(dir, models.Classes(c.names...))
		_, random := models.Random(tiny("BertForSequenceClassification", ""), models.Classes(c.names...))
		_, inspected := models.Inspect(dir, models.Classes(c.names...))
		_, labelled := models.LoadForClasses(dir, c.names)
		for _, err := range []error{loaded, random, inspected, labelled} {
			require.ErrorIs(t, err, models.ErrOption)
			require.ErrorContains(t, err, c.says)
		}
	}
	// A file may name two classes alike, as transformers allows.
	same := tiny("BertForSequenceClassification", `,"id2label":{"0":"a","1":"a"}`)
	b, err := models.Random(same)
	require.NoError(t, err)
	require.Equal(t, []string{"a", "a"}, b.Info().Classes)
}

// Classes are asked of a head that has some, and the error says which these are.
func TestLabelsOfATaskWithoutClasses(t *testing.T) {
	for _, c := range []struct {
		config []byte
		opts   []models.LoadOption
		says   []string
	}{
		{tiny("BertModel", ""), nil, []string{"without a head", `Head("sequence-classification")`, `Head("token-classification")`}},
		{tiny("BertForMaskedLM", ""), nil, []string{"masked-lm", "sequence-classification"}},
		{tiny("BertForQuestionAnswering", ""), nil, []string{"question-answering", "sequence-classification"}},
		{tiny("BertForSequenceClassification", ""), []models.LoadOption{models.Head("")}, []string{"without a head"}},
		{tinyGPT2("GPT2LMHeadModel", ""), nil, []string{"causal-lm", "sequence-classification"}},
		{tinyBART("BartForConditionalGeneration", ""), nil, []string{"seq2seq-lm", "sequence-classification"}},
		{speech("wav2vec2", "Wav2Vec2ForCTC", ""), nil, []string{"ctc", `Head("audio-classification")`}},
		{clip("CLIPModel", ""), nil, []string{"contrastive", `Head("image-classification")`}},
		{tower("clip_text_model", "CLIPTextModel", clipText), nil, []string{"clip_text_model has no head that does"}},
	} {
		dir, _ := named(t, c.config)
		_, err := models.Load(dir, append(c.opts, models.Classes("a", "b"))...)
		_, random := models.Random(c.config, append(c.opts, models.Classes("a", "b"))...)
		for _, err := range []error{err, random} {
			require.ErrorIs(t, err, models.ErrOption)
			for _, part := range c.says {
				require.ErrorContains(t, err, part)
			}
		}
	}
}

// The rows of a head belong to the names of its classes.
func TestLabelsBesideTheCheckpointsOwn(t *testing.T) {
	const row, bias = "classifier.weight", "classifier.bias"
	config := tiny("BertForSequenceClassification", "")
	for _, c := range []struct {
		what       string
		own, asked []string
		drawn      bool
	}{
		{"the same", []string{"neg", "neu", "pos"}, []string{"neg", "neu", "pos"}, false},
		{"names for numbers", []string{"LABEL_0", "LABEL_1"}, []string{"no", "yes"}, false},
		{"numbers for names", []string{"no", "yes"}, []string{"LABEL_0", "LABEL_1"}, false},
		{"other names", []string{"neg", "neu", "pos"}, []string{"sport", "politics", "weather"}, true},
		{"one other name", []string{"neg", "neu", "pos"}, []string{"neg", "neu", "positive"}, true},
		{"fewer", []string{"neg", "neu", "pos"}, []string{"neg", "pos"}, true},
		{"more", []string{"neg", "pos"}, []string{"neg", "pos", "neu"}, true},
		{"numbers in another order are names", []string{"LABEL_1", "LABEL_0"}, []string{"no", "yes"}, true},
	} {
		dir, saved := named(t, config, c.own...)
		b, err := models.Load(dir, models.Classes(c.asked...), models.HeadSeed(1))
		require.NoError(t, err, c.what)
		require.Equal(t, c.asked, b.Info().Classes, c.what)
		f, err := models.Inspect(dir, models.Classes(c.asked...))
		require.NoError(t, err, c.what)
		require.Equal(t, valueOf(t, saved, "bert.pooler.dense.weight"), valueOf(t, b, "bert.pooler.dense.weight"), c.what)
		if c.drawn {
			require.Equal(t, []string{row, bias}, b.Origin().Drawn, c.what)
			require.Equal(t, b.Origin().Drawn, f.Missing(), c.what)
			n := min(len(c.own), len(c.asked)) * 8
			require.NotEqual(t, valueOf(t, saved, row)[:n], valueOf(t, b, row)[:n], c.what)
		} else {
			require.Empty(t, b.Origin().Drawn, c.what)
			require.Empty(t, f.Missing(), c.what)
			require.Equal(t, valueOf(t, saved, row), valueOf(t, b, row), c.what)
		}
	}
}

// Another order of real names would put each row under the name of another class.
func TestLabelsInAnotherOrderAreRefused(t *testing.T) {
	for _, config := range [][]byte{
		tiny("BertForSequenceClassification", ""), tiny("BertForTokenClassification", ""),
		tinyGPT2("GPT2ForSequenceClassification", ""), speech("wav2vec2", "Wav2Vec2ForSequenceClassification", ""), smallConfig("vit", "ViTForImageClassification", ""),
	} {
		dir, _ := named(t, config, "neg", "neu", "pos")
		_, err := models.Load(dir, models.Classes("pos", "neg", "neu"))
		require.ErrorIs(t, err, models.ErrOption)
		require.ErrorContains(t, err, `["pos" "neg" "neu"]`)
		require.ErrorContains(t, err, `["neg" "neu" "pos"]`)
		require.ErrorContains(t, err, "config.json")
	}
}

// A head for tokens has the name and the shape of one for texts, and other rows.
func TestHeadOfAnotherTaskIsDrawnAnew(t *testing.T) {
	dir, saved := named(t, tiny("BertForTokenClassification", ""), "O", "PER")
	for _, opts := range [][]models.LoadOption{nil, {models.Classes("O", "PER")}, {models.Classes("PER", "O")}} {
		b, err := models.Load(dir, append(opts, models.Head(arch.SequenceClass), models.HeadSeed(1))...)
		require.NoError(t, err)
		require.Subset(t, b.Origin().Drawn, []string{"classifier.weight", "classifier.bias"})
		require.NotEqual(t, valueOf(t, saved, "classifier.weight"), valueOf(t, b, "classifier.weight"))
	}
	b, err := models.Load(dir, models.Head(arch.TokenClass))
	require.NoError(t, err)
	require.Empty(t, b.Origin().Drawn)
	require.Equal(t, valueOf(t, saved, "classifier.weight"), valueOf(t, b, "classifier.weight"))
}

// A head of another width than the config says is an error, unless Labels asks for a new one.
func TestHeadOfAnotherWidth(t *testing.T) {
	dir, _ := named(t, tiny("BertForSequenceClassification", ""))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "config.json"), tiny("BertForSequenceClassification", `,"num_labels":5`), 0o644))
	_, err := models.Load(dir)
	require.ErrorIs(t, err, models.ErrWeights)
	require.ErrorContains(t, err, `"classifier.weight" has shape [2 8], the config wants [5 8]`)
	b, err := models.Load(dir, models.Classes("a", "b", "c", "d", "e"))
	require.NoError(t, err)
	require.Equal(t, []string{"classifier.weight", "classifier.bias"}, b.Origin().Drawn)
}

// What the config says of the old head's problem and number of classes does not outlive it.
func TestLabelsTakeTheOldProblemOut(t *testing.T) {
	for _, c := range []struct {
		more    string
		classes []string
		problem any // of the config that is written
	}{
		{`,"problem_type":"single_label_classification"`, []string{"stars"}, nil},
		{`,"problem_type":"single_label_classification","num_labels":3`, []string{"a", "b"}, "single_label_classification"},
		{`,"problem_type":"regression","id2label":{"0":"stars"}`, []string{"a", "b"}, nil},
		{`,"problem_type":"regression","num_labels":3`, []string{"x", "y", "z"}, "regression"},
		{`,"problem_type":"multi_label_classification"`, []string{"a", "b", "c"}, "multi_label_classification"},
	} {
		b, err := models.Random(tiny("BertForSequenceClassification", c.more), models.Classes(c.classes...))
		require.NoError(t, err)
		var config map[string]any
		dir := t.TempDir()
		require.NoError(t, b.Save(dir))
		raw, err := os.ReadFile(filepath.Join(dir, "config.json"))
		require.NoError(t, err)
		require.NoError(t, json.Unmarshal(raw, &config))
		require.Equal(t, c.problem, config["problem_type"], c.more)
		if n, ok := config["num_labels"]; ok {
			require.Equal(t, float64(len(c.classes)), n, c.more)
		}
	}
}
