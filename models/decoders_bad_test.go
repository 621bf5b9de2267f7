package models_test

import (
	"maps"
	"path/filepath"
	"testing"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"

	"github.com/gopeft/gopeft/internal/safetensors"
	"github.com/gopeft/gopeft/models"
	"github.com/gopeft/gopeft/models/arch"
	"github.com/gopeft/gopeft/peft"
)

// tinyDecoder is a config of Llama or a relative; more holds further fields.
func tinyDecoder(modelType, class, more string) []byte {
	return []byte(`{"model_type":"` + modelType + `","architectures":["` + class + `"],"hidden_size":8,"num_hidden_layers":2,` +
		`"num_attention_heads":2,"num_key_value_heads":1,"intermediate_size":12,"vocab_size":20,"max_position_embeddings":16,"head_dim":4` + more + `}`)
}

func tinyGPT2(class, more string) []byte {
	return []byte(`{"model_type":"gpt2","architectures":["` + class + `"],"n_embd":8,"n_layer":2,"n_head":2,"vocab_size":20,"n_positions":16` + more + `}`)
}

// Every field that would change the numbers and is not supported is refused by name.
func TestUnsupportedDecoderConfig(t *testing.T) {
	rope := func(inside string) string { return `,"rope_parameters":{` + inside + `}` }
	for _, c := range []struct{ field, modelType, more string }{
		{"hidden_act", "llama", `,"hidden_act":"laplace"`},
		{"num_key_value_heads", "llama", `,"num_attention_heads":3,"num_key_value_heads":2`},
		{"num_attention_heads", "llama", `,"num_attention_heads":3,"num_key_value_heads":3,"head_dim":null`},
		{"head_dim", "qwen3", `,"head_dim":5`},
		{"head_dim", "llama", `,"head_dim":2`},
		{"rms_norm_eps", "llama", `,"rms_norm_eps":0`},
		{"attention_dropout", "llama", `,"attention_dropout":1`},
		{"quantization_config", "llama", `,"quantization_config":{"bits":4}`},
		{"vocab_size", "llama", `,"vocab_size":-1`},
		{"attention_bias", "llama", `,"attention_bias":"yes"`},
		{"problem_type", "llama", `,"problem_type":"ranking"`},
		{"rope_theta", "llama", `,"rope_theta":1`},
		{"rope_theta", "llama", rope(`"rope_theta":-5`)},
		{"partial_rotary_factor", "llama", rope(`"rope_type":"default","partial_rotary_factor":0.5`)},
		{"partial_rotary_factor", "llama", `,"partial_rotary_factor":0.5`},
		{"partial_rotary_factor", "phi3", rope(`"rope_type":"default","partial_rotary_factor":1.5`)},
		{"head_dim", "phi3", rope(`"rope_type":"default","partial_rotary_factor":0.5`)}, // 2 channels of 4
		{"proportional", "llama", rope(`"rope_type":"proportional"`)},
		{"short_factor", "llama", rope(`"rope_type":"longrope","short_factor":[1],"long_factor":[2,2]`)},
		{"long_factor", "llama", rope(`"rope_type":"longrope","short_factor":[1,1]`)},
		{"long_factor", "phi3", rope(`"rope_type":"su","short_factor":[1,1],"long_factor":[2,0]`)},
		{"yarn", "phi3", rope(`"rope_type":"yarn","factor":4`)},
		{"yarn", "phi3", `,"rope_scaling":{"type":"yarn","factor":4}`},
		{"resid_pdrop", "phi3", `,"resid_pdrop":1`},
		{"sliding_window", "phi3", `,"sliding_window":0`},
		{"query_pre_attn_scalar", "gemma2", `,"query_pre_attn_scalar":0`},
		{"attn_logit_softcapping", "gemma2", `,"attn_logit_softcapping":0`},
		{"final_logit_softcapping", "gemma2", `,"final_logit_softcapping":-1`},
		{"use_bidirectional_attention", "gemma2", `,"use_bidirectional_attention":true`},
		{"hidden_activation", "gemma2", `,"hidden_activation":"laplace"`},
		{"sliding_window", "gemma2", `,"sliding_window":0`},
		{"sliding_window", "gemma2", `,"sliding_window":null`},
		{"layer_types", "gemma2", `,"layer_types":["full_attention"]`},
		{"factor", "llama", rope(`"rope_type":"linear"`)},
		{"factor", "llama", `,"rope_scaling":{"type":"dynamic","factor":-2}`},
		{"low_freq_factor", "llama", rope(`"rope_type":"llama3","factor":8,"high_freq_factor":4`)},
		{"high_freq_factor", "llama", rope(`"rope_type":"llama3","factor":8,"low_freq_factor":4,"high_freq_factor":4`)},
		{"original_max_position_embeddings", "llama", rope(`"rope_type":"yarn","factor":8,"original_max_position_embeddings":0`)},
		{"rope_parameters", "qwen2", rope(`"full_attention":{"rope_type":"default"},"sliding_attention":{"rope_type":"default"}`)},
		{"rope_parameters", "llama", `,"rope_parameters":[1]`},
		{"sliding_window", "mistral", `,"sliding_window":0`},
		{"sliding_window", "qwen2", `,"use_sliding_window":true,"sliding_window":-1`},
		{"layer_types", "qwen2", `,"layer_types":["full_attention"]`},
		{"layer_types", "qwen3", `,"layer_types":["full_attention","sliding_attention"]`},
		{"layer_types", "qwen3", `,"layer_types":["full_attention","linear_attention"]`},
	} {
		class := map[string]string{"llama": "Llama", "mistral": "Mistral", "qwen2": "Qwen2", "qwen3": "Qwen3", "gemma2": "Gemma2", "phi3": "Phi3"}[c.modelType]
		_, err := models.Random(tinyDecoder(c.modelType, class+"ForCausalLM", c.more))
		require.ErrorIs(t, err, arch.ErrConfig, "%s%s", c.modelType, c.more)
		require.ErrorContains(t, err, c.field, "%s%s", c.modelType, c.more)
	}
	for field, more := range map[string]string{
		"n_head":              `,"n_head":3`,
		"activation_function": `,"activation_function":"laplace"`,
		"layer_norm_epsilon":  `,"layer_norm_epsilon":-1`,
		"add_cross_attention": `,"add_cross_attention":true`,
		"attn_pdrop":          `,"attn_pdrop":2`,
		"n_inner":             `,"n_inner":0`,
		"is_encoder_decoder":  `,"is_encoder_decoder":true`,
	} {
		_, err := models.Random(tinyGPT2("GPT2LMHeadModel", more))
		require.ErrorIs(t, err, arch.ErrConfig, field)
		require.ErrorContains(t, err, field)
	}
	_, err := models.Random(tinyGPT2("GPT2ForSequenceClassification", `,"pad_token_id":20`))
	require.ErrorContains(t, err, "pad_token_id")
	_, err = models.Random(tinyGPT2("GPT2DoubleHeadsModel", ""))
	require.ErrorIs(t, err, models.ErrFamily)
	require.ErrorContains(t, err, "GPT2LMHeadModel")
}

// Positions reach as far as their scaling does, and no further.
func TestDecoderReach(t *testing.T) {
	for more, want := range map[string]int{
		``: 16,
		`,"rope_scaling":{"type":"linear","factor":4}`:                                                                                    64,
		`,"rope_scaling":{"type":"dynamic","factor":2}`:                                                                                   32,
		`,"rope_scaling":{"type":"yarn","factor":4,"original_max_position_embeddings":8}`:                                                 32,
		`,"rope_scaling":{"type":"yarn","original_max_position_embeddings":8}`:                                                            16,
		`,"rope_scaling":{"type":"yarn","factor":8},"original_max_position_embeddings":4`:                                                 32,
		`,"rope_scaling":{"rope_type":"llama3","factor":8,"low_freq_factor":1,"high_freq_factor":4,"original_max_position_embeddings":1}`: 16,
	} {
		b, err := models.Random(tinyDecoder("llama", "LlamaModel", more), engine(t))
		require.NoError(t, err)
		require.Equal(t, want, b.Info().MaxPositions, more)
	}
}

func TestBadDecoderInput(t *testing.T) {
	on := engine(t)
	lm, err := models.Random(tinyDecoder("llama", "LlamaForCausalLM", ""), on)
	require.NoError(t, err)
	classes, err := models.Random(tinyGPT2("GPT2ForSequenceClassification", `,"pad_token_id":0`), on)
	require.NoError(t, err)
	unpadded, err := models.Random(tinyGPT2("GPT2ForSequenceClassification", ""), on)
	require.NoError(t, err)
	for _, c := range []struct {
		model       *peft.Backbone
		name, value string
		change      peft.Tensors
	}{
		{lm, "input_ids", "20", peft.Tensors{"input_ids": tensors.FromValue([][]int32{{1, 2, 3, 20}, {1, 2, 3, 4}})}},
		{lm, "input_ids", "16 positions", peft.Tensors{"input_ids": tensors.FromValue([][]int32{make([]int32, 17)}), "attention_mask": nil}},
		{lm, "labels", "[2 3]", peft.Tensors{"labels": tensors.FromValue([][]int32{{1, 2, 3}, {1, 2, 3}})}},
		{lm, "labels", "20", peft.Tensors{"labels": tensors.FromValue([][]int32{{1, 2, 3, -100}, {1, 2, 20, 4}})}},
		{lm, "token_type_ids", "no argument", peft.Tensors{"token_type_ids": tensors.FromValue([][]int32{{0, 0, 0, 0}, {0, 0, 0, 0}})}},
		{lm, "position_ids", "no argument", peft.Tensors{"position_ids": tensors.FromValue([][]int32{{0, 1, 2, 3}, {0, 1, 2, 3}})}},
		{classes, "labels", "2", peft.Tensors{"labels": tensors.FromValue([]int32{0, 2})}},
		{classes, "labels", "[3]", peft.Tensors{"labels": tensors.FromValue([]int32{0, 1, 1})}},
		{unpadded, "input_ids", "pad_token_id", nil},
	} {
		in := input()
		for k, v := range c.change {
			if in[k] = v; v == nil {
				delete(in, k)
			}
		}
		_, err := c.model.Forward(t.Context(), in)
		require.ErrorIs(t, err, peft.ErrInput, c.name)
		require.ErrorContains(t, err, c.name)
		require.ErrorContains(t, err, c.value)
	}
}

// A Conv1D of the wrong shape is told as the file has it.
func TestBadGPT2Folder(t *testing.T) {
	on, dir := engine(t), t.TempDir()
	b, err := models.Random(tinyGPT2("GPT2Model", ""), on)
	require.NoError(t, err)
	require.NoError(t, b.Save(dir))
	path := filepath.Join(dir, "model.safetensors")
	values, err := peft.ReadTensors(path)
	require.NoError(t, err)
	require.Equal(t, []int{8, 24}, values["h.0.attn.c_attn.weight"].Shape().Dimensions)
	turned, err := safetensors.Transpose(values["h.0.attn.c_attn.weight"])
	require.NoError(t, err)
	values = maps.Clone(values)
	values["h.0.attn.c_attn.weight"] = turned
	require.NoError(t, peft.WriteTensors(path, values))
	_, err = models.Load(dir, on)
	require.ErrorIs(t, err, models.ErrWeights)
	require.ErrorContains(t, err, "[24 8], the config wants [8 24]")
}
