package ia3

import "github.com/gopeft/gopeft/peft/seam"

// What HF PEFT picks where a config names nothing, by model_type: targets, and those of them whose input is scaled.
var (
	defaultTargets     = map[string]seam.Targets{}
	defaultFeedForward = map[string][]string{}
)

func init() {
	for _, row := range []struct {
		types       []string
		output      []string // whose output is scaled
		feedForward []string // whose input is
	}{
		{[]string{"bert", "roberta"}, []string{"key", "value"}, []string{"output.dense"}},
		{[]string{"deberta-v2"}, []string{"key_proj", "value_proj"}, []string{"output.dense"}},
		{[]string{"deberta"}, []string{"in_proj"}, []string{"output.dense"}},
		{[]string{"t5"}, []string{"k", "v"}, []string{"wo"}},
		{[]string{"mt5"}, []string{"k", "v", "wi_1"}, []string{}},
		{[]string{"bart"}, []string{"q_proj", "v_proj"}, []string{"fc2"}},
		{[]string{"gpt2", "gpt_bigcode"}, []string{"c_attn"}, []string{"mlp.c_proj"}},
		{[]string{"gptj"}, []string{"q_proj", "v_proj"}, []string{"fc_out"}},
		{[]string{"gpt_neo"}, []string{"q_proj", "v_proj"}, []string{"c_proj"}},
		{[]string{"gpt_neox", "RefinedWebModel", "RefinedWeb", "falcon"}, []string{"query_key_value"}, []string{"dense_4h_to_h"}},
		{[]string{"bloom"}, []string{"query_key_value"}, []string{"mlp.dense_4h_to_h"}},
		{[]string{"opt"}, []string{"q_proj", "k_proj"}, []string{"fc2"}},
		{[]string{"phi"}, []string{"q_proj", "v_proj"}, []string{"fc2"}},
		{[]string{"llama", "mistral"}, []string{"k_proj", "v_proj"}, []string{"down_proj"}},
		{[]string{"llama4", "gemma", "gemma2", "gemma3_text", "qwen2", "qwen3"}, []string{"q_proj", "v_proj"}, []string{"down_proj"}},
		{[]string{"mixtral"}, []string{"k_proj", "v_proj"}, []string{"w2"}},
	} {
		for _, t := range row.types {
			defaultTargets[t] = seam.Match(append(row.output[:len(row.output):len(row.output)], row.feedForward...)...)
			defaultFeedForward[t] = row.feedForward
		}
	}
}
