package seam

// UsualTargets gives the target modules that HF PEFT picks for LoRA and most other methods where a config names none, by
// model_type: mostly the queries and values of attention. It is for Spec.DefaultTargets.
func UsualTargets() map[string]Targets {
	out := map[string]Targets{"gemma4": MatchRegexp(`.*language_model\..*\.(q_proj|v_proj)`)}
	for _, row := range []struct {
		types   []string
		targets []string
	}{
		{[]string{"bert", "roberta", "xlm-roberta", "electra", "layoutlm"}, []string{"query", "value"}},
		{[]string{"t5", "mt5"}, []string{"q", "v"}},
		{[]string{"bart", "opt", "gptj", "gpt_neo", "llama", "llama4", "mistral", "mixtral", "stablelm", "gemma", "gemma2", "gemma3_text", "qwen2", "qwen3"}, []string{"q_proj", "v_proj"}},
		{[]string{"gpt2", "gpt_bigcode"}, []string{"c_attn"}},
		{[]string{"bloom", "gpt_neox", "chatglm", "RefinedWebModel", "RefinedWeb", "falcon"}, []string{"query_key_value"}},
		{[]string{"deberta-v2"}, []string{"query_proj", "value_proj"}},
		{[]string{"deberta"}, []string{"in_proj"}},
		{[]string{"phi"}, []string{"q_proj", "v_proj", "fc1", "fc2"}},
		{[]string{"mpt"}, []string{"Wqkv"}},
		{[]string{"codegen"}, []string{"qkv_proj"}},
		{[]string{"btlm"}, []string{"c_proj", "c_attn"}},
		{[]string{"nemotron_h"}, []string{"q_proj", "k_proj", "v_proj", "o_proj"}},
		{[]string{"rwkv"}, []string{"key", "value", "receptance", "output"}},
		{[]string{"rwkv7"}, []string{"r_proj", "k_proj", "v_proj", "o_proj", "key", "value"}},
		{[]string{"blip-2"}, []string{"q", "v", "q_proj", "v_proj"}},
	} {
		for _, t := range row.types {
			out[t] = Match(row.targets...)
		}
	}
	return out
}
