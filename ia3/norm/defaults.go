package norm

import "github.com/gopeft/gopeft/peft/seam"

// defaultTargets are HF PEFT's target modules for LN tuning where a config names none, by model_type.
var defaultTargets = map[string]seam.Targets{}

func init() {
	for _, row := range []struct {
		types   []string
		targets []string
	}{
		{[]string{"llama", "mistral", "gemma"}, []string{"input_layernorm", "post_attention_layernorm", "norm"}},
		{[]string{"gemma2", "gemma3_text"}, []string{
			"input_layernorm", "post_attention_layernorm", "pre_feedforward_layernorm", "post_feedforward_layernorm", "norm",
		}},
		{[]string{"qwen2", "qwen3"}, []string{"post_attention_layernorm"}},
		{[]string{"phi"}, []string{"input_layernorm", "final_layernorm"}},
		{[]string{"bloom", "falcon"}, []string{"input_layernorm", "post_attention_layernorm", "ln_f"}},
		{[]string{"gpt2"}, []string{"ln_1", "ln_2", "ln_f"}},
		{[]string{"gptj"}, []string{"ln_1", "ln_f"}},
		{[]string{"t5", "mt5"}, []string{"layer_norm", "final_layer_norm"}},
		{[]string{"bart"}, []string{"self_attn_layer_norm", "encoder_attn_layer_norm", "final_layer_norm"}},
		{[]string{"blip-2"}, []string{"layernorm", "LayerNorm", "final_layer_norm", "self_attn_layer_norm"}},
		{[]string{"llava"}, []string{
			"multi_modal_projector", "input_layernorm", "post_attention_layernorm", "norm", "embed_tokens", "lm_head",
		}},
	} {
		for _, t := range row.types {
			defaultTargets[t] = seam.Match(row.targets...)
		}
	}
}
