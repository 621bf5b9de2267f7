package golden_test

import "github.com/gopeft/gopeft/internal/pefttest/golden"

// pending are the variants that this build does not pass yet. Cases whose peft_type is not registered are passed over
// without standing here.
var pending = golden.Pending{
	"bert_seqcls/lora-bd":             "use_bdlora is refused",
	"bert_seqcls/lora-kasa":           "kasa_config is refused",
	"bert_seqcls/lora-mica":           "init_lora_weights = mica is refused",
	"bert_seqcls/lora-mica-embedding": "init_lora_weights = mica is refused",
	"bert_seqcls/lora-monteclora":     "monteclora_config is refused",
	"bert_seqcls/lora-params-linear":  "target_parameters is refused",
	"bert_seqcls/lora-velora":         "velora_config is refused",
	"gemma2_lm/lora-tied-both":        "ensure_weight_tying is refused",
	"gemma2_lm/lora-tied-save":        "ensure_weight_tying is refused",
	"gemma2_lm/lora-tied-target":      "ensure_weight_tying is refused",
	"gpt2_lm/lora-tied-save":          "ensure_weight_tying is refused",
	"gpt2_lm/lora-tied-tokens":        "ensure_weight_tying is refused",
	"llama_lm/lora-alora":             "alora_invocation_tokens is refused",
	"llama_lm/lora-alora-one":         "alora_invocation_tokens is refused",
	"llama_lm/lora-bd":                "use_bdlora is refused",
	"llama_lm/lora-bd-a":              "use_bdlora is refused",
	"llama_lm/lora-bd-b":              "use_bdlora is refused",
	"llama_lm/lora-kasa":              "kasa_config is refused",
	"llama_lm/lora-kasa-patterns":     "kasa_config is refused",
	"llama_lm/lora-mica":              "init_lora_weights = mica is refused",
	"llama_lm/lora-monteclora":        "monteclora_config is refused",
	"llama_lm/lora-params-linear":     "target_parameters is refused",
	"llama_lm/lora-replicated":        "layer_replication is refused",
	"llama_lm/lora-velora":            "velora_config is refused",
	"llama_lm/lora-velora-once":       "velora_config is refused",
	"llama_lm/lora-velora-random":     "velora_config is refused",
}
