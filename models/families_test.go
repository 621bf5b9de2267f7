package models_test

import (
	"context"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"

	"github.com/gopeft/gopeft/internal/pefttest/golden"
	"github.com/gopeft/gopeft/models"
	"github.com/gopeft/gopeft/models/arch"
	"github.com/gopeft/gopeft/peft"
	"github.com/gopeft/gopeft/peft/seam"
)

// small holds a config of a few thousand parameters for each family of encoders.
var small = map[string]string{
	"roberta": `"hidden_size":8,"num_hidden_layers":1,"num_attention_heads":2,"intermediate_size":12,"vocab_size":20,` +
		`"max_position_embeddings":10,"type_vocab_size":1,"hidden_dropout_prob":0,"attention_probs_dropout_prob":0`,
	"distilbert": `"dim":8,"n_layers":1,"n_heads":2,"hidden_dim":12,"vocab_size":20,"max_position_embeddings":8,"dropout":0,"attention_dropout":0`,
	"resnet":     `"num_channels":2,"embedding_size":4,"hidden_sizes":[4,8],"depths":[1,1]`,
	"vit":        `"hidden_size":8,"num_hidden_layers":1,"num_attention_heads":2,"intermediate_size":12,"image_size":[4,6],"patch_size":[2,3],"num_channels":2`,
}

func smallConfig(family, class, more string) []byte {
	return []byte(`{"model_type":"` + family + `","architectures":["` + class + `"],` + small[family] + more + `}`)
}

func pixels(batch int) *peft.Tensor {
	flat := make([]float32, batch*2*4*6)
	for i := range flat {
		flat[i] = float32(i%7) - 3
	}
	return tensors.FromFlatDataAndDimensions(flat, batch, 2, 4, 6)
}

// argument is an input that a family takes.
func argument(family string) peft.Tensors {
	if family == "vit" || family == "resnet" {
		return peft.Tensors{"pixel_values": pixels(2)}
	}
	return input()
}

// Every class of every family: drawn, written and opened again it gives the same outputs, and each of its sites with
// values has them.
func TestEveryClassOpensAgain(t *testing.T) {
	on := engine(t)
	for class, family := range map[string]string{
		"RobertaModel": "roberta", "RobertaForSequenceClassification": "roberta", "RobertaForTokenClassification": "roberta",
		"RobertaForQuestionAnswering": "roberta", "RobertaForMaskedLM": "roberta",
		"DistilBertModel": "distilbert", "DistilBertForSequenceClassification": "distilbert", "DistilBertForTokenClassification": "distilbert",
		"DistilBertForQuestionAnswering": "distilbert", "DistilBertForMaskedLM": "distilbert",
		"ResNetModel": "resnet", "ResNetForImageClassification": "resnet",
		"ViTModel": "vit", "ViTForImageClassification": "vit",
	} {
		b, err := models.Random(smallConfig(family, class, ""), on, models.HeadSeed(1))
		require.NoError(t, err, class)
		want, err := b.Forward(context.Background(), argument(family))
		require.NoError(t, err, class)
		dir := t.TempDir()
		require.NoError(t, b.Save(dir))
		again, err := models.Load(dir, on)
		require.NoError(t, err, class)
		require.Empty(t, again.Origin().Drawn, class)
		require.Equal(t, b.NumParams(), again.NumParams(), class)
		got, err := again.Forward(context.Background(), argument(family))
		require.NoError(t, err, class)
		require.NoError(t, golden.Same(class, want, got))
		values := maps.Collect(b.Values())
		for _, s := range b.Sites() {
			switch s.Kind {
			case seam.Linear:
				require.Equal(t, []int{s.Out, s.In}, values[s.Path+".weight"].Shape().Dimensions, s.Path)
			case seam.Conv:
				require.Equal(t, append([]int{s.Out, s.In / s.Conv.Groups}, s.Conv.Kernel...), values[s.Path+".weight"].Shape().Dimensions, s.Path)
			case seam.Embedding:
				require.Equal(t, []int{s.In, s.Out}, values[s.Path+".weight"].Shape().Dimensions, s.Path)
			case seam.Norm:
				require.Equal(t, slices.Repeat([]float32{1}, s.Out), tensors.MustCopyFlatData[float32](values[s.Path+".weight"]), "a fresh norm scales by 1")
			}
		}
	}
}

// A ViT folder opens whether its tensors have the names that transformers writes or those it has in memory, and without
// the prefix; it is always written with the first.
func TestViTNamesOfTensors(t *testing.T) {
	on := engine(t)
	dir := golden.OpenFixtures(t).BaseDir("tiny_vit_imgcls")
	if _, err := models.Inspect(dir); err != nil {
		dir = golden.OpenFixtures(t).BaseDir("vit_imgcls") // of the larger set
	}
	b, err := models.Load(dir, on)
	require.NoError(t, err)
	onDisk, err := golden.ReadTensors(filepath.Join(dir, "model.safetensors"))
	require.NoError(t, err)
	memory := strings.NewReplacer("encoder.layer", "layers", "attention.attention.query", "attention.q_proj", "attention.attention.key", "attention.k_proj",
		"attention.attention.value", "attention.v_proj", "attention.output.dense", "attention.o_proj", "intermediate.dense", "mlp.fc1", "output.dense", "mlp.fc2")
	require.Contains(t, maps.Collect(b.Values()), "vit.layers.1.mlp.fc2.weight")
	for what, name := range map[string]func(string) string{
		"on disk": func(n string) string { return n }, "in memory": memory.Replace,
		"no prefix": func(n string) string { return strings.TrimPrefix(n, "vit.") },
	} {
		copied := t.TempDir()
		require.NoError(t, b.Save(copied))
		rename(t, copied, name)
		again, err := models.Load(copied, on)
		require.NoError(t, err, what)
		require.NoError(t, golden.Same(what, maps.Collect(b.Values()), maps.Collect(again.Values())))
		require.NoError(t, again.Save(copied))
		written, err := golden.ReadTensors(filepath.Join(copied, "model.safetensors"))
		require.NoError(t, err)
		require.NoError(t, golden.Same(what, onDisk, written))
	}
}

// A bare RoBERTa gets the head that an adapter was trained with: its width stands in classifier.out_proj.
func TestHeadOfRoBERTasAdapter(t *testing.T) {
	on, dir := engine(t), t.TempDir()
	b, err := models.Random(smallConfig("roberta", "RobertaForSequenceClassification", `,"num_labels":5`), on)
	require.NoError(t, err)
	ad, err := peft.Attach(b, "five", loraOn("query"))
	require.NoError(t, err)
	require.NoError(t, ad.Save(dir))
	bare, err := models.Random(smallConfig("roberta", "RobertaModel", ""), on)
	require.NoError(t, err)
	folder := t.TempDir()
	require.NoError(t, bare.Save(folder))
	got, err := models.LoadFor(folder, dir, on)
	require.NoError(t, err)
	require.Equal(t, arch.SequenceClass, got.Info().Head)
	require.Len(t, got.Info().Classes, 5)
}
