package models_test

import (
	"maps"
	"testing"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"

	"github.com/gopeft/gopeft/models"
	"github.com/gopeft/gopeft/models/arch"
	"github.com/gopeft/gopeft/peft"
)

// tinyT5 is a config of T5; more holds further fields.
func tinyT5(class, more string) []byte {
	return []byte(`{"model_type":"t5","architectures":["` + class + `"],"d_model":8,"d_kv":4,"d_ff":12,"num_layers":1,"num_heads":2,` +
		`"vocab_size":20,"decoder_start_token_id":0` + more + `}`)
}

// tinyBART is a config of BART; more holds further fields.
func tinyBART(class, more string) []byte {
	return []byte(`{"model_type":"bart","architectures":["` + class + `"],"d_model":8,"encoder_layers":1,"decoder_layers":1,` +
		`"encoder_attention_heads":2,"decoder_attention_heads":2,"encoder_ffn_dim":12,"decoder_ffn_dim":12,"vocab_size":20,` +
		`"max_position_embeddings":6` + more + `}`)
}

// Every field that would change the numbers and is not supported is refused by name.
func TestUnsupportedEncoderDecoderConfig(t *testing.T) {
	const t5, bart = "T5ForConditionalGeneration", "BartForConditionalGeneration"
	for _, c := range []struct {
		config []byte
		field  string
	}{
		{tinyT5(t5, `,"feed_forward_proj":"gated-laplace"`), "feed_forward_proj"},
		{tinyT5(t5, `,"dense_act_fn":"laplace"`), "feed_forward_proj"},
		{tinyT5(t5, `,"relative_attention_num_buckets":7`), "relative_attention_num_buckets"},
		{tinyT5(t5, `,"relative_attention_num_buckets":2`), "relative_attention_num_buckets"},
		{tinyT5(t5, `,"relative_attention_max_distance":16`), "relative_attention_max_distance"},
		{tinyT5(t5, `,"relative_attention_max_distance":2000000`), "relative_attention_max_distance"},
		{tinyT5(t5, `,"layer_norm_epsilon":0`), "layer_norm_epsilon"},
		{tinyT5(t5, `,"dropout_rate":1`), "dropout_rate"},
		{tinyT5(t5, `,"is_decoder":true`), "is_decoder"},
		{tinyT5(t5, `,"is_encoder_decoder":false`), "is_encoder_decoder"},
		{tinyT5(t5, `,"decoder_start_token_id":null`), "decoder_start_token_id"},
		{tinyT5(t5, `,"pad_token_id":20`), "pad_token_id"},
		{tinyT5("T5ForSequenceClassification", `,"eos_token_id":-1`), "eos_token_id"},
		{tinyT5(t5, `,"quantization_config":{}`), "quantization_config"},
		{tinyBART(bart, `,"activation_function":"laplace"`), "activation_function"},
		{tinyBART(bart, `,"decoder_attention_heads":3`), "decoder_attention_heads"},
		{tinyBART(bart, `,"encoder_layerdrop":0.1`), "encoder_layerdrop"},
		{tinyBART(bart, `,"decoder_layerdrop":0.1`), "decoder_layerdrop"},
		{tinyBART(bart, `,"pad_token_id":null`), "pad_token_id"},
		{tinyBART("BartModel", `,"decoder_start_token_id":99`), "decoder_start_token_id"},
		{tinyBART("BartForSequenceClassification", `,"problem_type":"ranking"`), "problem_type"},
	} {
		_, err := models.Random(c.config)
		require.ErrorIs(t, err, arch.ErrConfig, c.field)
		require.ErrorContains(t, err, c.field)
	}
	_, err := models.Random(tinyBART("BartForCausalLM", ""))
	require.ErrorIs(t, err, models.ErrFamily)
	require.ErrorContains(t, err, "BartForCausalLM")
}

func TestBadInputOfEncoderDecoders(t *testing.T) {
	on := engine(t)
	ids := func(rows ...[]int32) *peft.Tensor { return tensors.FromValue(rows) }
	row := []int32{3, 4, 5, 2}
	fine := peft.Tensors{"input_ids": ids(row, row), "labels": ids([]int32{7, 8}, []int32{9, -100})}
	for _, c := range []struct {
		config []byte
		name   string
		value  *peft.Tensor // nil takes the argument away
		says   string
	}{
		{tinyT5("T5ForConditionalGeneration", ""), "labels", nil, "decoder_input_ids"},
		{tinyT5("T5Model", ""), "labels", nil, "decoder_input_ids"},
		{tinyT5("T5ForConditionalGeneration", ""), "input_ids", nil, "missing"},
		{tinyT5("T5ForConditionalGeneration", ""), "input_ids", ids(row, []int32{3, 4, 20, 2}), "value 20"},
		{tinyT5("T5ForConditionalGeneration", ""), "labels", ids([]int32{7, 20}, []int32{9, 1}), "value 20"},
		{tinyT5("T5ForConditionalGeneration", ""), "labels", ids([]int32{7, 8}), "want [2, columns]"},
		{tinyT5("T5ForConditionalGeneration", ""), "labels", tensors.FromValue([]int32{7, 8}), "want [2, columns]"},
		{tinyT5("T5ForConditionalGeneration", ""), "decoder_input_ids", ids([]int32{0, 7}), "1 rows"},
		{tinyT5("T5ForConditionalGeneration", ""), "decoder_input_ids", ids([]int32{0, -100}, []int32{0, 7}), "value -100"},
		{tinyT5("T5ForConditionalGeneration", ""), "decoder_attention_mask", ids([]int32{1, 1, 1}, []int32{1, 1, 1}), "want [2 2]"},
		{tinyT5("T5ForConditionalGeneration", ""), "decoder_attention_mask", ids([]int32{1, 2}, []int32{1, 1}), "value 2"},
		{tinyT5("T5ForConditionalGeneration", ""), "attention_mask", ids([]int32{1, 1}, []int32{1, 1}), "want [2 4]"},
		{tinyT5("T5ForConditionalGeneration", ""), "token_type_ids", ids(row, row), "no argument"},
		{tinyT5("T5EncoderModel", ""), "labels", ids(row, row), "no argument"},
		{tinyBART("BartForConditionalGeneration", ""), "input_ids", ids(make([]int32, 7), make([]int32, 7)), "6 positions"},
		{tinyBART("BartForConditionalGeneration", ""), "labels", ids(make([]int32, 7), make([]int32, 7)), "6 positions"},
		{tinyBART("BartForConditionalGeneration", ""), "decoder_input_ids", ids(make([]int32, 7), make([]int32, 7)), "6 positions"},
		{tinyBART("BartForSequenceClassification", ""), "labels", tensors.FromValue([]int32{0, 3}), "value 3"},
	} {
		b, err := models.Random(c.config, on)
		require.NoError(t, err)
		in := maps.Clone(fine)
		if delete(in, c.name); c.value != nil {
			in[c.name] = c.value
		}
		_, err = b.Forward(t.Context(), in)
		require.ErrorIs(t, err, peft.ErrInput, c.says)
		require.ErrorContains(t, err, c.says)
		if c.value != nil {
			require.ErrorContains(t, err, c.name)
		}
	}
	b, err := models.Random(tinyT5("T5ForConditionalGeneration", ""), on)
	require.NoError(t, err)
	fine["decoder_input_ids"] = ids([]int32{0, 7, 8}, []int32{0, 7, 8})
	_, err = b.Forward(t.Context(), fine)
	require.ErrorIs(t, err, peft.ErrInput)
	require.ErrorContains(t, err, "labels: has shape [2 2], want [2 3]")

	b, err = models.Random(tinyBART("BartForSequenceClassification", ""), on)
	require.NoError(t, err)
	for _, second := range [][]int32{{3, 4, 5, 6}, {3, 2, 5, 2}} {
		_, err = b.Forward(t.Context(), peft.Tensors{"input_ids": ids(row, second)})
		require.ErrorIs(t, err, peft.ErrInput)
		require.ErrorContains(t, err, "end token 2")
	}
}
