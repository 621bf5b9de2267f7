package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/gopeft/gopeft/peft"
	"github.com/gopeft/gopeft/peft/seam"
)

const (
	classifier    = "SEQ_CLS"
	languageModel = "CAUSAL_LM"
)

// size is a backbone: its config, where what is left out is transformers' default, the task_type of adapters on it, and
// the modules that LoRA acts on.
type size struct {
	config, task string
	targets      []string
}

var sizes = map[string]size{
	"minilm": {`{"model_type":"bert","architectures":["BertForSequenceClassification"],"hidden_size":384,` +
		`"num_hidden_layers":6,"num_attention_heads":12,"intermediate_size":1536,"num_labels":2}`, classifier, []string{"query", "value"}},
	"bert-base": {`{"model_type":"bert","architectures":["BertForSequenceClassification"],"num_labels":2}`, classifier, []string{"query", "value"}},
	"gpt2":      {`{"model_type":"gpt2","architectures":["GPT2LMHeadModel"]}`, languageModel, []string{"c_attn"}},
	"llama-160m": {`{"model_type":"llama","architectures":["LlamaForCausalLM"],"vocab_size":32000,"hidden_size":768,` +
		`"intermediate_size":3072,"num_hidden_layers":12,"num_attention_heads":12,"num_key_value_heads":12}`, languageModel, []string{"q_proj", "v_proj"}},
	"llama-1b": {`{"model_type":"llama","architectures":["LlamaForCausalLM"],"vocab_size":32000,"hidden_size":2048,` +
		`"intermediate_size":5632,"num_hidden_layers":22,"num_attention_heads":32,"num_key_value_heads":4}`, languageModel, []string{"q_proj", "v_proj"}},
}

// methods are the peft_types of what can be timed.
var methods = map[string]string{"lora": "LORA", "ia3": "IA3", "prefix": "PREFIX_TUNING", "prompt": "PROMPT_TUNING"}

// read takes an adapter's config from a file. The method is then the config's.
func (c *cell) read(path string, flags *flag.FlagSet) error {
	both := false
	flags.Visit(func(f *flag.Flag) { both = both || f.Name == "method" })
	if both {
		return fmt.Errorf("-config takes the place of -method: give one of them")
	}
	raw, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	c.Config = raw
	cfg, err := c.adapter()
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	c.Method, c.R = strings.ToLower(cfg.PEFTType()), 0
	return nil
}

// adapter makes the method's config as it would stand in a file, so that a method is a name here and no package.
func (c *cell) adapter() (peft.Config, error) {
	if c.Config != nil {
		cfg, err := peft.ParseConfig(c.Config)
		if err != nil {
			return nil, err
		}
		if shared := cfg.Shared(); shared.TaskType == "" {
			shared.TaskType = sizes[c.Backbone].task
		}
		return cfg, nil
	}
	known := slices.Sorted(maps.Keys(maps.Collect(seam.Types())))
	kind, size := methods[c.Method], sizes[c.Backbone]
	if !slices.Contains(known, kind) {
		return nil, fmt.Errorf("-method %s is %s, which is not among the registered %s", c.Method, kind, strings.Join(known, ", "))
	}
	config := map[string]any{"peft_type": kind, "task_type": size.task}
	switch c.Method {
	case "lora":
		config["r"], config["lora_alpha"], config["target_modules"] = c.R, 16, size.targets
	case "prefix", "prompt":
		config["num_virtual_tokens"] = 16
	}
	raw, err := json.Marshal(config)
	if err != nil {
		return nil, err
	}
	return peft.ParseConfig(raw)
}

func list[V any](m map[string]V) string { return strings.Join(slices.Sorted(maps.Keys(m)), ", ") }
