package models_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"

	engines "github.com/gopeft/gopeft/internal/engine"
	"github.com/gopeft/gopeft/internal/safetensors"
	"github.com/gopeft/gopeft/lora"
	"github.com/gopeft/gopeft/models"
	"github.com/gopeft/gopeft/models/arch"
	"github.com/gopeft/gopeft/peft"
)

// Mistakes with an argument, each with what the error has to say.
func TestMistakesInArguments(t *testing.T) {
	dir, b := named(t, tiny("BertForSequenceClassification", ""))
	load := func(dir string, opts ...models.LoadOption) error { _, err := models.Load(dir, opts...); return err }
	for _, c := range []struct {
		err  error
		is   error
		says string
	}{
		{load(""), models.ErrFolder, "name of the folder is empty"},
		{load(filepath.Join(dir, "model.safetensors")), models.ErrFolder, "model.safetensors is a file: give the folder"},
		{load("https://huggingface.co/bert-base-uncased"), models.ErrFolder, "nothing is downloaded"},
		{load(dir, models.DType("fp16")), models.ErrOption, `DType("fp16"): write "float16" (known: auto, bfloat16, float16, float32)`},
		{load(dir, models.DType("torch.bfloat16")), models.ErrOption, `write "bfloat16"`},
		{load(dir, models.DType("Float32")), models.ErrOption, `write "float32"`},
		{load(dir, models.DType("int8")), models.ErrOption, `DType("int8") is not known (known: auto, `},
		{load(dir, models.Head("sequence_classification")), models.ErrFamily, `do you mean "sequence-classification"?`},
		{load(dir, models.Head("SEQ_CLS")), models.ErrFamily, `do you mean "sequence-classification"?`},
		{load(dir, models.Head("BertForTokenClassification")), models.ErrFamily, `do you mean "token-classification"?`},
		{load(dir, models.Head("image-classification")), models.ErrFamily, `task "image-classification" (known: masked-lm, `},
		{load(dir, models.Backend("cuda")), engines.ErrUnknown, `do you mean "xla:cuda"?`},
		{load(dir, models.Backend("Go")), engines.ErrUnknown, `do you mean "go"?`},
		{load(dir, models.Backend("tpu")), engines.ErrUnknown, `"tpu": want go`},
	} {
		require.ErrorIs(t, c.err, c.is, c.says)
		require.ErrorContains(t, c.err, c.says)
	}
	a, err := peft.Attach(b, "x", &lora.Config{R: 2, Targets: peft.Match("query"), Common: peft.Common{TaskType: "SEQ_CLS"}})
	require.NoError(t, err)
	ad, err := a.Adapter("x")
	require.NoError(t, err)
	adapter := t.TempDir()
	require.NoError(t, ad.Save(adapter))
	err = load(adapter)
	require.ErrorIs(t, err, models.ErrFolder)
	require.ErrorContains(t, err, "holds an adapter")
	require.NoError(t, os.Remove(filepath.Join(adapter, peft.WeightsFile)))
	bare, _ := named(t, tiny("BertModel", ""))
	_, err = models.LoadFor(bare, adapter)
	require.ErrorIs(t, err, peft.ErrTensor)
	require.ErrorContains(t, err, peft.WeightsFile)
	for _, open := range []func(*peft.Backbone) error{
		func(b *peft.Backbone) error { _, err := models.Tokenizer(b); return err },
		func(b *peft.Backbone) error { _, err := models.ImageProcessor(b); return err },
		func(b *peft.Backbone) error { _, err := models.FeatureExtractor(b); return err },
	} {
		require.ErrorIs(t, open(nil), models.ErrFolder)
	}
	require.Empty(t, new(models.Folder).Sites())
	require.Empty(t, new(models.Folder).Tied())
	require.Zero(t, new(models.Folder).Parameters())
}

// Configs that are none, or not of a model.
func TestMistakesInConfigs(t *testing.T) {
	const lfs = "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 3\n"
	huge := string(tiny("BertModel", `,"vocab_size":2147483648,"hidden_size":2147483648`))
	for _, c := range []struct {
		config string
		is     error
		says   string
	}{
		{`{}`, models.ErrFamily, "there is no model_type"},
		{`{"model_type":null}`, models.ErrFamily, "there is no model_type"},
		{`{"model_type":3}`, arch.ErrConfig, "model_type: want a string, got 3"},
		{`{"model_type":"BERT"}`, models.ErrFamily, `do you mean "bert"?`},
		{`{"model_type":"xlm"}`, models.ErrFamily, `model_type "xlm" (known: bart, `},
		{`{"model_type":"bert","architectures":"BertModel"}`, arch.ErrConfig, "architectures: want a list"},
		{`{"model_type":"bert","hidden_size":"8"}`, arch.ErrConfig, "hidden_size: want an integer"},
		{`{"model_type":"bert","id2label":["a"],"architectures":["BertForSequenceClassification"]}`, arch.ErrConfig, "id2label: want an object"},
		{`[]`, arch.ErrConfig, "want a JSON object"},
		{`null`, arch.ErrConfig, "want a JSON object"},
		{``, arch.ErrConfig, "is empty"},
		{lfs, arch.ErrConfig, "Git LFS"},
		{huge, arch.ErrConfig, "embeddings.word_embeddings.weight of shape [2147483648 2147483648]"},
	} {
		_, err := models.Random([]byte(c.config))
		require.ErrorIs(t, err, c.is, c.config)
		require.ErrorContains(t, err, c.says)
	}
	dir, _ := named(t, tiny("BertModel", ""))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "model.safetensors"), []byte(lfs), 0o644))
	_, err := models.Load(dir)
	require.ErrorIs(t, err, safetensors.ErrFormat)
	require.ErrorContains(t, err, "Git LFS")
	require.NoError(t, os.Remove(filepath.Join(dir, "model.safetensors")))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "tf_model.h5"), nil, 0o644))
	_, err = models.Load(dir)
	require.ErrorIs(t, err, models.ErrFolder)
	require.ErrorContains(t, err, `weights found: ["tf_model.h5"]`)
}

// Arguments of the forward pass that hold nothing, or numbers in another shape.
func TestMistakesInForwardArguments(t *testing.T) {
	b, err := models.Random(tiny("BertForSequenceClassification", ""))
	require.NoError(t, err)
	many, err := models.Random(tiny("BertForSequenceClassification", `,"problem_type":"regression","num_labels":2`))
	require.NoError(t, err)
	gone := tensors.FromValue([]int32{0, 1})
	gone.FinalizeAll()
	for _, c := range []struct {
		b      *peft.Backbone
		labels *peft.Tensor
		says   string
	}{
		{b, nil, "labels: is nil"},
		{b, gone, "labels: was finalized"},
		{many, tensors.FromValue([]float32{1, 2, 3, 4}), "labels: has shape [4], want [2 2]"},
	} {
		_, err := c.b.Forward(t.Context(), with(input(), "labels", c.labels))
		require.ErrorIs(t, err, peft.ErrInput)
		require.ErrorContains(t, err, c.says)
	}
	require.True(t, finiteLoss(t, many, with(input(), "labels", tensors.FromValue([][]float32{{1, 2}, {3, 4}}))))
}
