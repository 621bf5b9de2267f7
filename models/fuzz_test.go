package models_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/gopeft/gopeft/models"
	"github.com/gopeft/gopeft/models/arch"
)

// A config.json gives a description or one of our errors, and never a panic or memory beyond its size.
func FuzzConfig(f *testing.F) {
	for _, modelType := range models.Families() {
		f.Add([]byte(`{"model_type":"` + modelType + `"}`))
	}
	f.Add(tiny("BertForSequenceClassification", `,"id2label":{"0":"a","1":"b"}`))
	f.Add(tinyGPT2("GPT2LMHeadModel", `,"n_inner":null`))
	for _, rope := range []string{
		`{"rope_type":"linear","factor":2}`, `{"type":"dynamic","factor":2}`, `{"rope_type":"yarn","factor":4,"truncate":false}`,
		`{"rope_type":"llama3","factor":8,"low_freq_factor":1,"high_freq_factor":4,"original_max_position_embeddings":64}`,
	} {
		f.Add(tinyDecoder("llama", "LlamaForCausalLM", `,"rope_parameters":`+rope))
	}
	f.Add(tinyDecoder("qwen2", "Qwen2ForSequenceClassification", `,"use_sliding_window":true,"sliding_window":3,"layer_types":["full_attention","sliding_attention"]`))
	f.Add(tinyDecoder("gemma2", "Gemma2ForCausalLM", `,"attn_logit_softcapping":null,"query_pre_attn_scalar":3`))
	f.Add(tinyDecoder("phi3", "Phi3ForCausalLM", `,"rope_scaling":{"type":"su","short_factor":[1,1],"long_factor":[2,3]}`))
	f.Add(tinyT5("T5ForConditionalGeneration", `,"feed_forward_proj":"gated-gelu","num_decoder_layers":2,"relative_attention_num_buckets":8`))
	f.Add(tinyT5("T5ForSequenceClassification", `,"tie_word_embeddings":false,"eos_token_id":1`))
	f.Add(tinyBART("BartForConditionalGeneration", `,"scale_embedding":true,"tie_word_embeddings":false`))
	f.Add(tinyBART("BartForSequenceClassification", `,"num_labels":4`))
	f.Add(smallConfig("resnet", "ResNetForImageClassification", `,"layer_type":"basic","downsample_in_first_stage":true`))
	f.Add(speech("wav2vec2", "Wav2Vec2ForCTC", `,"mask_feature_prob":0.1,"feat_extract_norm":"layer","do_stable_layer_norm":true`))
	f.Add(speech("hubert", "HubertForSequenceClassification", `,"use_weighted_layer_sum":true,"feat_proj_layer_norm":false`))
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, raw []byte) {
		if err := os.WriteFile(filepath.Join(dir, "config.json"), raw, 0o644); err != nil {
			t.Fatal(err)
		}
		info, err := models.Inspect(dir)
		if err != nil {
			if !errors.Is(err, arch.ErrConfig) && !errors.Is(err, models.ErrFamily) {
				t.Fatalf("an error of no kind: %v", err)
			}
			return
		}
		if info.Hidden < 1 || info.Layers < 1 {
			t.Fatalf("described as %+v", info)
		}
	})
}
