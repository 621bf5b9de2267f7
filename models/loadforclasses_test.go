package models_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gopeft/gopeft/models"
	"github.com/gopeft/gopeft/models/arch"
)

// What LoadForClasses makes of each kind of folder.
func TestLoadForClasses(t *testing.T) {
	seq := tiny("BertForSequenceClassification", "")
	for _, c := range []struct {
		what   string
		config []byte
		own    []string // classes of the checkpoint, none by default
		names  []string
		opts   []models.LoadOption
		task   string
		labels []string
		drawn  []string // nil: the checkpoint's own head
	}{
		{"the same classes", seq, []string{"neg", "pos"}, []string{"neg", "pos"}, nil, arch.SequenceClass, []string{"neg", "pos"}, nil},
		{"in another order", seq, []string{"neg", "pos"}, []string{"pos", "neg"}, nil, arch.SequenceClass, []string{"neg", "pos"}, nil},
		{"some of them", seq, []string{"neg", "neu", "pos"}, []string{"pos", "neg"}, nil, arch.SequenceClass, []string{"neg", "neu", "pos"}, nil},
		{"other classes", seq, []string{"neg", "pos"}, []string{"no", "yes"}, nil, arch.SequenceClass, []string{"no", "yes"}, []string{"classifier.weight", "classifier.bias"}},
		{"more classes", seq, []string{"neg", "pos"}, []string{"neg", "neu", "pos"}, nil, arch.SequenceClass, []string{"neg", "neu", "pos"}, []string{"classifier.weight", "classifier.bias"}},
		{"names for numbers", seq, nil, []string{"no", "yes"}, nil, arch.SequenceClass, []string{"no", "yes"}, nil},
		{"a number of classes' name", seq, nil, []string{"LABEL_0"}, nil, arch.SequenceClass, []string{"LABEL_0"}, []string{"classifier.weight", "classifier.bias"}},
		{"a number", seq, []string{"stars"}, []string{"stars"}, nil, arch.SequenceClass, []string{"stars"}, nil},

		{"a bare encoder", tiny("BertModel", ""), nil, []string{"no", "yes"}, nil, arch.SequenceClass, []string{"no", "yes"}, []string{"classifier.weight", "classifier.bias"}},
		{"a masked language model", tiny("BertForMaskedLM", ""), nil, []string{"no", "yes"}, nil, arch.SequenceClass, []string{"no", "yes"},
			[]string{"bert.pooler.dense.weight", "bert.pooler.dense.bias", "classifier.weight", "classifier.bias"}},
		{"classes of tokens stay those of tokens", tiny("BertForTokenClassification", ""), []string{"O", "PER"}, []string{"PER"}, nil,
			arch.TokenClass, []string{"PER"}, []string{"classifier.weight", "classifier.bias"}},
		{"some classes of tokens", tiny("BertForTokenClassification", ""), []string{"O", "PER", "LOC"}, []string{"O", "PER"}, nil,
			arch.TokenClass, []string{"O", "PER", "LOC"}, nil},
		{"the same names for texts", tiny("BertForTokenClassification", ""), []string{"O", "PER"}, []string{"O", "PER"}, []models.LoadOption{models.Head(arch.SequenceClass)},
			arch.SequenceClass, []string{"O", "PER"}, []string{"bert.pooler.dense.weight", "bert.pooler.dense.bias", "classifier.weight", "classifier.bias"}},
		{"tokens, asked for", tiny("BertModel", ""), nil, []string{"O", "PER"}, []models.LoadOption{models.Head(arch.TokenClass)},
			arch.TokenClass, []string{"O", "PER"}, []string{"classifier.weight", "classifier.bias"}},

		{"a decoder's language model", tinyGPT2("GPT2LMHeadModel", ""), nil, []string{"no", "yes"}, nil, arch.SequenceClass, []string{"no", "yes"}, []string{"score.weight"}},
		{"a bare decoder", tinyDecoder("llama", "LlamaModel", ""), nil, []string{"no", "yes"}, nil, arch.SequenceClass, []string{"no", "yes"}, []string{"score.weight"}},
		{"a decoder's classes", tinyDecoder("qwen3", "Qwen3ForSequenceClassification", ""), []string{"no", "yes"}, []string{"yes", "no"}, nil, arch.SequenceClass, []string{"no", "yes"}, nil},
		{"an encoder-decoder", tinyBART("BartForConditionalGeneration", ""), nil, []string{"no", "yes"}, nil, arch.SequenceClass, []string{"no", "yes"},
			[]string{"classification_head.dense.weight", "classification_head.dense.bias", "classification_head.out_proj.weight", "classification_head.out_proj.bias"}},
		{"a bare vision transformer", smallConfig("vit", "ViTModel", ""), nil, []string{"cat", "dog"}, nil, arch.ImageClass, []string{"cat", "dog"}, []string{"classifier.weight", "classifier.bias"}},
		{"an image classifier", smallConfig("resnet", "ResNetForImageClassification", ""), []string{"cat", "dog"}, []string{"dog", "cat"}, nil, arch.ImageClass, []string{"cat", "dog"}, nil},
		{"other images", smallConfig("resnet", "ResNetForImageClassification", ""), []string{"cat", "dog"}, []string{"car", "bus"}, nil,
			arch.ImageClass, []string{"car", "bus"}, []string{"classifier.1.weight", "classifier.1.bias"}},
		{"both of CLIP's towers", clip("CLIPModel", ""), nil, []string{"cat", "dog"}, nil, arch.ImageClass, []string{"cat", "dog"}, []string{"classifier.weight", "classifier.bias"}},
		{"speech", speech("wav2vec2", "Wav2Vec2ForCTC", ""), nil, []string{"no", "yes"}, nil, arch.AudioClass, []string{"no", "yes"},
			[]string{"projector.weight", "projector.bias", "classifier.weight", "classifier.bias"}},
		{"sounds' classes", speech("hubert", "HubertForSequenceClassification", ""), []string{"no", "yes"}, []string{"no", "yes"}, nil, arch.AudioClass, []string{"no", "yes"}, nil},
	} {
		dir, saved := named(t, c.config, c.own...)
		b, err := models.LoadForClasses(dir, c.names, append(c.opts, models.HeadSeed(1))...)
		require.NoError(t, err, c.what)
		require.Equal(t, c.task, b.Info().Head, c.what)
		require.Equal(t, c.labels, b.Info().Classes, c.what)
		require.Equal(t, c.drawn, b.Origin().Drawn, c.what)
		if c.drawn == nil {
			for path, v := range saved.Values() {
				if v.DType().IsFloat() {
					require.Equal(t, valueOf(t, saved, path), valueOf(t, b, path), "%s: %s", c.what, path)
				}
			}
		}
	}
}

func TestLoadForClassesRefuses(t *testing.T) {
	dir, _ := named(t, tiny("BertModel", ""))
	tower, _ := named(t, tower("clip_text_model", "CLIPTextModel", clipText))
	strange, _ := named(t, tiny("BertModel", ""))
	require.NoError(t, os.WriteFile(filepath.Join(strange, "config.json"), tiny("BertForMultipleChoice", ""), 0o644))
	two := []string{"no", "yes"}
	for _, c := range []struct {
		dir  string
		opts []models.LoadOption
		is   error
		says string
	}{
		{dir, []models.LoadOption{models.Classes("a", "b")}, models.ErrOption, "and Classes too"},
		{dir, []models.LoadOption{models.Head("question-answering")}, models.ErrOption, "question-answering"},
		{dir, []models.LoadOption{models.Head("image-classification")}, models.ErrFamily, "image-classification"},
		{dir, []models.LoadOption{nil}, models.ErrOption, "option 1"},
		{tower, nil, models.ErrOption, "clip_text_model"},
		{strange, nil, models.ErrFamily, "BertForMultipleChoice"},
		{"", nil, models.ErrFolder, "empty"},
	} {
		_, err := models.LoadForClasses(c.dir, two, c.opts...)
		require.ErrorIs(t, err, c.is, c.says)
		require.ErrorContains(t, err, c.says)
	}
	b, err := models.LoadForClasses(strange, two, models.Head(arch.SequenceClass))
	require.NoError(t, err)
	require.Equal(t, two, b.Info().Classes)
}

// Options in a slice with room behind them are not written over.
func TestLoadForClassesLeavesTheOptionsAlone(t *testing.T) {
	dir, _ := named(t, tiny("BertModel", ""))
	room := make([]models.LoadOption, 1, 4)
	room[0] = models.HeadSeed(3)
	full := append(room, models.Head("bert-has-no-such-task"))
	_, err := models.LoadForClasses(dir, []string{"no", "yes"}, room...)
	require.NoError(t, err)
	_, err = models.LoadFor(dir, "", room...)
	require.NoError(t, err)
	_, err = models.Load(dir, full...)
	require.ErrorContains(t, err, "bert-has-no-such-task")
}
