package tuning_test

import (
	"fmt"
	"testing"

	"github.com/gopeft/gopeft/peft/pefttest"
	_ "github.com/gopeft/gopeft/prompt/tuning"
)

// On the tiny network, 8 wide and with 11 tokens, n virtual tokens have 8 n values.
func TestConformance(t *testing.T) {
	const text = `, "prompt_tuning_init": "TEXT", "prompt_tuning_init_text": "good or bad?", "tokenizer_name_or_path": "testdata/words"`
	for _, v := range []struct {
		name, settings string
		trainable      int
	}{
		{"plain", ``, 3 * 8},
		{"sampled", `, "prompt_tuning_init": "SAMPLE_VOCAB"`, 3 * 8},
		{"text", text, 3 * 8},
		{"text, options", text + `, "tokenizer_kwargs": {"use_fast": true}`, 3 * 8},
		{"head saved", `, "task_type": "SEQ_CLS"`, 3*8 + 27},
		{"types dropped", `, "task_type": "FEATURE_EXTRACTION"`, 3 * 8},
		{"spelt out", `, "token_dim": 8, "num_attention_heads": 2, "num_layers": 1, "num_transformer_submodules": 1`, 3 * 8},
	} {
		c := pefttest.Case{
			Name: "PROMPT_TUNING, " + v.name, Trainable: v.trainable,
			JSON: fmt.Sprintf(`{"peft_type": "PROMPT_TUNING", "num_virtual_tokens": 3%s}`, v.settings),
		}
		if v.name == "plain" {
			c.Bad = bad
		}
		t.Run(v.name, func(t *testing.T) { pefttest.Conform(t, c) })
	}
}

var bad = []pefttest.Bad{
	{Change: `{"num_virtual_tokens": null}`, Field: "num_virtual_tokens"},
	{Change: `{"num_virtual_tokens": -1}`, Field: "num_virtual_tokens"},
	{Change: `{"token_dim": 16}`, Field: "token_dim"},
	{Change: `{"num_attention_heads": 4}`, Field: "num_attention_heads"},
	{Change: `{"num_layers": 2}`, Field: "num_layers"},
	{Change: `{"num_transformer_submodules": 2}`, Field: "num_transformer_submodules"},
	{Change: `{"prompt_tuning_init": "WORDS"}`, Field: "prompt_tuning_init"},
	{Change: `{"prompt_tuning_init": "TEXT", "tokenizer_name_or_path": "testdata/words"}`, Field: "prompt_tuning_init_text"},
	{Change: `{"prompt_tuning_init": "TEXT", "prompt_tuning_init_text": "good"}`, Field: "tokenizer_name_or_path"},
	{Change: `{"prompt_tuning_init": "TEXT", "prompt_tuning_init_text": "good", "tokenizer_name_or_path": "testdata/none"}`, Field: "tokenizer_name_or_path"},
	{Change: `{"prompt_tuning_init": "TEXT", "prompt_tuning_init_text": "rich", "tokenizer_name_or_path": "testdata/words"}`, Field: "tokenizer_name_or_path"},
	{Change: `{"tokenizer_kwargs": {"use_fast": true}}`, Field: "tokenizer_kwargs"},
	{Change: `{"prompt_tuning_init": "TEXT", "prompt_tuning_init_text": "good", "tokenizer_name_or_path": "testdata/words", "tokenizer_kwargs": {"add_bos_token": true}}`, Field: "tokenizer_kwargs"},
	{Change: `{"prompt_tuning_init": "TEXT", "prompt_tuning_init_text": "good", "tokenizer_name_or_path": "testdata/words", "tokenizer_kwargs": {"subfolder": ".."}}`, Field: "tokenizer_kwargs"},
	{Change: `{"tokenizer_kwargs": [1]}`, Field: "tokenizer_kwargs"},
	{Change: `{"modules_to_save": ["clasifier"]}`, Field: "modules_to_save"},
	{Change: `{"task_type": "SEQCLS"}`, Field: "task_type"},
}
