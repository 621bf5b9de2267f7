package adalora

import "github.com/gopeft/gopeft/peft/seam"

// defaultTargets are HF PEFT's target modules for AdaLoRA where a config names none, by model_type.
var defaultTargets = map[string]seam.Targets{}

func init() {
	for _, row := range []struct {
		types   []string
		targets []string
	}{
		{[]string{"t5"}, []string{"q", "k", "v", "o", "wi", "wo"}},
		{[]string{"mt5"}, []string{"q", "k", "v", "o", "wi_0", "wi_1", "wo"}},
		{[]string{"bart", "opt"}, []string{"q_proj", "k_proj", "v_proj", "out_proj", "fc1", "fc2"}},
		{[]string{"gpt2", "gpt_bigcode"}, []string{"c_attn"}},
		{[]string{"bloom", "gpt_neox"}, []string{"query_key_value"}},
		{[]string{"gptj", "gpt_neo", "llama", "llama4", "gemma", "gemma2", "gemma3_text", "qwen2", "qwen3"}, []string{"q_proj", "v_proj"}},
		{[]string{"bert"}, []string{"query", "value"}},
		{[]string{"roberta"}, []string{"query", "key", "value", "dense"}},
		{[]string{"deberta-v2"}, []string{"query_proj", "key_proj", "value_proj", "dense"}},
		{[]string{"deberta"}, []string{"in_proj"}},
		{[]string{"nemotron_h"}, []string{"q_proj", "k_proj", "v_proj", "o_proj"}},
	} {
		for _, t := range row.types {
			defaultTargets[t] = seam.Match(row.targets...)
		}
	}
}
