package models_test

import (
	"context"
	"testing"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"

	"github.com/gopeft/gopeft/lora"
	"github.com/gopeft/gopeft/models"
	"github.com/gopeft/gopeft/models/arch"
	"github.com/gopeft/gopeft/peft"
)

func loraOn(names ...string) *lora.Config {
	return &lora.Config{R: 2, Targets: peft.Match(names...), Common: peft.Common{TaskType: "SEQ_CLS"}}
}

// Every field that would change the numbers and is not supported is refused by name.
func TestUnsupportedConfigOfFamilies(t *testing.T) {
	for _, c := range []struct{ family, class, field, more string }{
		{"roberta", "RobertaForSequenceClassification", "is_decoder", `,"is_decoder":true`},
		{"roberta", "RobertaForSequenceClassification", "position_embedding_type", `,"position_embedding_type":"relative_key_query"`},
		{"roberta", "RobertaForSequenceClassification", "pad_token_id", `,"pad_token_id":9`},
		{"roberta", "RobertaForSequenceClassification", "pad_token_id", `,"pad_token_id":-1`},
		{"roberta", "RobertaForSequenceClassification", "hidden_act", `,"hidden_act":"laplace"`},
		{"roberta", "RobertaForSequenceClassification", "classifier_dropout", `,"classifier_dropout":1`},
		{"roberta", "RobertaForMaskedLM", "tie_word_embeddings", `,"tie_word_embeddings":false`},
		{"distilbert", "DistilBertForSequenceClassification", "activation", `,"activation":"laplace"`},
		{"distilbert", "DistilBertForSequenceClassification", "n_heads", `,"n_heads":3`},
		{"distilbert", "DistilBertForSequenceClassification", "seq_classif_dropout", `,"seq_classif_dropout":-0.1`},
		{"distilbert", "DistilBertForSequenceClassification", "problem_type", `,"problem_type":"ranking"`},
		{"distilbert", "DistilBertForQuestionAnswering", "qa_dropout", `,"qa_dropout":1`},
		{"distilbert", "DistilBertForMaskedLM", "tie_word_embeddings", `,"tie_word_embeddings":false`},
		{"distilbert", "DistilBertModel", "pruned_heads", `,"pruned_heads":{"0":[1]}`},
		{"vit", "ViTForImageClassification", "patch_size", `,"patch_size":4`},
		{"vit", "ViTForImageClassification", "patch_size", `,"patch_size":[2,0]`},
		{"vit", "ViTForImageClassification", "image_size", `,"image_size":[4,6,2]`},
		{"vit", "ViTForImageClassification", "image_size", `,"image_size":"large"`},
		{"vit", "ViTForImageClassification", "num_channels", `,"num_channels":0`},
		{"vit", "ViTForImageClassification", "head_dim", `,"head_dim":16`},
		{"vit", "ViTForImageClassification", "layer_norm_eps", `,"layer_norm_eps":-1`},
		{"vit", "ViTForImageClassification", "quantization_config", `,"quantization_config":{}`},
		{"vit", "ViTModel", "pooler_act", `,"pooler_act":"laplace"`},
		{"resnet", "ResNetModel", "layer_type", `,"layer_type":"wide"`},
		{"resnet", "ResNetModel", "depths", `,"depths":[1]`},
		{"resnet", "ResNetModel", "depths", `,"depths":[1,0]`},
		{"resnet", "ResNetModel", "hidden_sizes", `,"hidden_sizes":[]`},
		{"resnet", "ResNetModel", "hidden_sizes", `,"hidden_sizes":[3,8]`},
		{"resnet", "ResNetModel", "hidden_sizes", `,"hidden_sizes":8`},
		{"resnet", "ResNetModel", "embedding_size", `,"embedding_size":0`},
		{"resnet", "ResNetModel", "hidden_act", `,"hidden_act":"laplace"`},
		{"resnet", "ResNetForImageClassification", "problem_type", `,"problem_type":"ranking"`},
		{"resnet", "ResNetForImageClassification", "quantization_config", `,"quantization_config":{}`},
	} {
		_, err := models.Random(smallConfig(c.family, c.class, c.more))
		require.ErrorIs(t, err, arch.ErrConfig, c.field)
		require.ErrorContains(t, err, c.field)
	}
	_, err := models.Random(smallConfig("vit", "ViTForMaskedImageModeling", ""))
	require.ErrorIs(t, err, models.ErrFamily)
	require.ErrorContains(t, err, "ViTForImageClassification")
}

func TestBadInputOfFamilies(t *testing.T) {
	on := engine(t)
	long := peft.Tensors{"input_ids": tensors.FromValue([][]int32{{3, 4, 5, 6, 7, 8, 9, 10, 11}})}
	for _, c := range []struct {
		family, class string
		in            peft.Tensors
		says          []string
	}{
		// 10 positions, less those of the padding and the one before it.
		{"roberta", "RobertaForSequenceClassification", long, []string{"input_ids", "9 tokens", "8 positions"}},
		{"roberta", "RobertaForSequenceClassification", with(input(), "token_type_ids", tensors.FromValue([][]int32{{0, 0, 1, 1}, {0, 0, 0, 0}})), []string{"token_type_ids", "value 1"}},
		{"distilbert", "DistilBertForSequenceClassification", long, []string{"input_ids", "9 tokens", "8 positions"}},
		{"distilbert", "DistilBertForSequenceClassification", with(input(), "token_type_ids", tensors.FromValue([][]int32{{0, 0, 0, 0}, {0, 0, 0, 0}})), []string{"token_type_ids", "no argument"}},
		{"distilbert", "DistilBertForTokenClassification", with(input(), "labels", tensors.FromValue([]int32{0, 1})), []string{"labels", "[2 4]"}},
		{"distilbert", "DistilBertForMaskedLM", with(input(), "labels", tensors.FromValue([][]int32{{20, 0, 0, 0}, {0, 0, 0, 0}})), []string{"labels", "20"}},
		{"vit", "ViTForImageClassification", peft.Tensors{}, []string{"pixel_values", "missing"}},
		{"vit", "ViTForImageClassification", peft.Tensors{"pixel_values": tensors.FromValue([][]float32{{1}})}, []string{"pixel_values", "[1 1]"}},
		{"vit", "ViTForImageClassification", peft.Tensors{"pixel_values": tensors.FromFlatDataAndDimensions(make([]float32, 72), 1, 3, 4, 6)}, []string{"pixel_values", "[1 3 4 6]", "[1 2 4 6]"}},
		{"vit", "ViTForImageClassification", peft.Tensors{"pixel_values": tensors.FromFlatDataAndDimensions(make([]uint8, 48), 1, 2, 4, 6)}, []string{"pixel_values", "Uint8"}},
		{"vit", "ViTForImageClassification", peft.Tensors{"pixel_values": pixels(1), "labels": tensors.FromValue([]int32{2})}, []string{"labels", "value 2"}},
		{"vit", "ViTForImageClassification", peft.Tensors{"pixel_values": pixels(1), "interpolate_pos_encoding": tensors.FromValue(true)}, []string{"interpolate_pos_encoding", "no argument"}},
		{"resnet", "ResNetModel", peft.Tensors{}, []string{"pixel_values", "missing"}},
		{"resnet", "ResNetModel", peft.Tensors{"pixel_values": tensors.FromFlatDataAndDimensions(make([]float32, 72), 1, 3, 4, 6)}, []string{"pixel_values", "[1 3 4 6]", "[1 2 4 6]"}},
		{"resnet", "ResNetModel", peft.Tensors{"pixel_values": tensors.FromFlatDataAndDimensions([]float32{}, 1, 2, 0, 6)}, []string{"pixel_values", "[1 2 0 6]"}},
		{"resnet", "ResNetModel", peft.Tensors{"pixel_values": pixels(1), "labels": tensors.FromValue([]int32{0})}, []string{"labels", "no argument"}},
		{"resnet", "ResNetForImageClassification", peft.Tensors{"pixel_values": pixels(2), "labels": tensors.FromValue([]int32{0, 2})}, []string{"labels", "value 2"}},
		{"vit", "ViTModel", peft.Tensors{"pixel_values": pixels(1), "labels": tensors.FromValue([]int32{0})}, []string{"labels", "no argument"}},
	} {
		b, err := models.Random(smallConfig(c.family, c.class, ""), on)
		require.NoError(t, err)
		_, err = b.Forward(context.Background(), c.in)
		require.ErrorIs(t, err, peft.ErrInput)
		for _, s := range c.says {
			require.ErrorContains(t, err, s)
		}
	}
}

func with(in peft.Tensors, name string, value *peft.Tensor) peft.Tensors {
	in[name] = value
	return in
}
