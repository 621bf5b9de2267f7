package lora_test

import (
	"fmt"
	"strings"
	"testing"

	_ "github.com/gopeft/gopeft/lora"
	"github.com/gopeft/gopeft/peft/pefttest"
)

// Every variant of LoRA under every law. On the tiny network a rank r on query and value, both 8 to 8, trains
// 2 r (8 + 8) values.
func TestConformance(t *testing.T) {
	for _, v := range []struct {
		name, settings string
		trainable      int
	}{
		{"plain", ``, 64},
		{"rslora", `"use_rslora": true`, 64},
		{"dora", `"use_dora": true`, 64 + 2*8},
		{"lora_bias", `"lora_bias": true`, 64 + 2*8},
		{"bias of targets", `"bias": "lora_only"`, 64 + 2*8},
		{"bias all", `"bias": "all"`, 64 + 6*8 + 12 + 3},
		{"dora, bias all", `"use_dora": true, "bias": "all"`, 64 + 2*8 + 6*8 + 12 + 3},
		{"patterns", `"rank_pattern": {"value": 3}, "alpha_pattern": {"query": 1}`, 2*16 + 3*16},
		{"pissa", `"init_lora_weights": "pissa"`, 64},
		{"pissa_niter", `"init_lora_weights": "pissa_niter_4"`, 64},
		{"olora", `"init_lora_weights": "olora"`, 64},
		{"orthogonal", `"init_lora_weights": "orthogonal"`, 64},
		{"gaussian", `"init_lora_weights": "gaussian"`, 64},
		{"eva", `"init_lora_weights": "eva"`, 64},
		{"eva, whitened", `"init_lora_weights": "eva", "eva_config": {"whiten": true, "rho": 1.5}, "use_dora": true`, 0},
		{"corda", `"init_lora_weights": "corda"`, 64},
		{"corda, rslora", `"init_lora_weights": "corda", "corda_config": {"corda_method": "kpm"}, "use_rslora": true`, 64},
		{"lora_ga", `"init_lora_weights": "lora_ga"`, 64},
		{"lora_ga, random", `"init_lora_weights": "lora_ga", "lora_ga_config": {"direction": "random", "scale": "unit"}`, 64},
		{"random", `"init_lora_weights": false`, 64},
		{"embedding", `"target_modules": ["word_embeddings", "query"]`, 2*(11+8) + 32},
		{"embedding, dora", `"target_modules": ["word_embeddings"], "use_dora": true`, 2*(11+8) + 8},
		{"dropout", `"lora_dropout": 0.1`, 64},
		{"tokens", `"trainable_token_indices": [7, 2]`, 64 + 2*8},
		{"tokens by name, dora", `"trainable_token_indices": {"word_embeddings": [4]}, "use_dora": true`, 64 + 2*8 + 8},
		{"tokens, pissa", `"trainable_token_indices": [7], "init_lora_weights": "pissa"`, 64 + 8},
		{"dora, pissa", `"use_dora": true, "init_lora_weights": "pissa"`, 64 + 2*8},
		{"pissa, dropout", `"init_lora_weights": "pissa", "lora_dropout": 0.1`, 64},
		{"mica", `"init_lora_weights": "mica"`, 2 * 16},
		{"mica, embedding", `"init_lora_weights": "mica", "target_modules": ["word_embeddings", "query"]`, 2*11 + 16},
		{"loftq", `"init_lora_weights": "loftq", "loftq_config": {"loftq_bits": 2, "loftq_iter": 3}`, 64},
		{"loftq, defaults, dora", `"init_lora_weights": "loftq", "use_dora": true`, 64 + 2*8},
		{"loftq, 8 bits", `"init_lora_weights": "loftq", "loftq_config": {"loftq_bits": 8}`, 64},
		{"kasa", `"kasa_config": {}`, 64 + 2*2},
		{"kasa, dropout, bias", `"kasa_config": {"beta": 0.01, "gamma": 0}, "lora_dropout": 0.1, "lora_bias": true`, 64 + 2*2 + 2*8},
		{"blocks", `"use_bdlora": {"target_modules_bd_a": ["query"], "target_modules_bd_b": ["value"], "nblocks": 2}`, 8 + 16 + 16 + 8},
		{"blocks, some", `"use_bdlora": {"target_modules_bd_a": ["query"], "nblocks": 2, "match_strict": false}`, 8 + 16 + 32},
		{"alora", `"alora_invocation_tokens": [4]`, 64},
		{"alora, two, bias", `"alora_invocation_tokens": [10, 7], "lora_bias": true`, 64 + 16},
		{"parameters", `"target_modules": [], "target_parameters": ["query.weight", "word_embeddings.weight"]`, 32 + 2*(8+11)},
		{"parameters and modules, random", `"target_modules": ["value"], "target_parameters": ["query.weight"], "init_lora_weights": false`, 64},
		{"velora", `"velora_config": {"num_groups": 3, "scale": 0.5}`, 64},
		{"velora, once, bias", `"velora_config": {"num_groups": 2, "init_type": "batch_average_once"}, "lora_bias": true`, 64 + 16},
		{"velora, random", `"velora_config": {"num_groups": 2, "init_type": "random"}, "lora_dropout": 0.1`, 64},
		{"monteclora", `"monteclora_config": {"num_samples": 3}`, 64 + 2*(2+3)},
		{"monteclora, entropy", `"monteclora_config": {"num_samples": 2, "use_entropy": true, "sample_scaler": 0.01, "kl_loss_weight": 0.001}, "lora_dropout": 0.1`, 64 + 2*(2+2)},
		{"velora, pissa", `"velora_config": {"num_groups": 3}, "init_lora_weights": "pissa", "lora_dropout": 0.1`, 64},
		{"alora, orthogonal", `"alora_invocation_tokens": [4], "init_lora_weights": "orthogonal"`, 64},
		{"monteclora, loftq", `"monteclora_config": {"num_samples": 2}, "init_lora_weights": "loftq"`, 64 + 2*(2+2)},
		{"all-linear, head saved", `"target_modules": "all-linear", "task_type": "SEQ_CLS"`, 4*32 + 2*2*20 + 3*8 + 3},
	} {
		settings := `"peft_type": "LORA", "r": 2, "lora_alpha": 4, "target_modules": ["query", "value"]`
		if strings.Contains(v.settings, "target_modules") {
			settings = `"peft_type": "LORA", "r": 2, "lora_alpha": 4`
		}
		if v.settings != "" {
			settings += ", " + v.settings
		}
		c := pefttest.Case{Name: "LORA, " + v.name, JSON: fmt.Sprintf("{%s}", settings), Trainable: v.trainable}
		if v.name == "plain" {
			c.Bad = bad
		}
		c.NoMerge = strings.HasPrefix(v.name, "alora")
		t.Run(v.name, func(t *testing.T) { pefttest.Conform(t, c) })
	}
}

// Convolutions under every law. At rank 2 signal trains 2 (8 3 + 8) values, image 2 (4 6 + 6), volume 2 (6 4 + 4) and
// grouped 2 8 3 + 8.
func TestConvolutions(t *testing.T) {
	const plain = 2*(8*3+8) + 2*(4*6+6) + 2*(6*4+4)
	three := `"target_modules": ["signal", "image", "volume"]`
	for _, v := range []struct {
		name, settings string
		trainable      int
		grouped        bool
	}{
		{"plain", three, plain, false},
		{"dora", three + `, "use_dora": true`, plain + 8 + 6 + 4, false},
		{"rslora, patterns", three + `, "use_rslora": true, "rank_pattern": {"image": 3}, "alpha_pattern": {"signal": 1}`, plain + 4*6 + 6, false},
		{"lora_bias", `"target_modules": ["signal", "image"], "lora_bias": true`, 2*(8*3+8) + 2*(4*6+6) + 8 + 6, false},
		{"bias of targets", three + `, "bias": "lora_only"`, plain + 8 + 6, false},
		{"bias all, dora", three + `, "bias": "all", "use_dora": true`, plain + 8 + 6 + 4 + 8 + 8 + 8 + 6 + 3, false},
		{"random", three + `, "init_lora_weights": false`, plain, false},
		{"gaussian, dropout", three + `, "init_lora_weights": "gaussian", "lora_dropout": 0.1`, plain, false},
		{"one saved whole", `"target_modules": ["image"], "modules_to_save": ["signal", "norm"]`, 2*(4*6+6) + 8*8*3 + 8 + 2*8, false},
		{"groups", `"target_modules": ["grouped", "image"]`, 2*8*3 + 8 + 2*(4*6+6), true},
		{"groups, dora", `"target_modules": ["grouped"], "use_dora": true`, 2*8*3 + 8 + 8, true},
	} {
		c := pefttest.Case{
			Name: "LORA, convolutions, " + v.name, Backbone: pefttest.Convolved, Trainable: v.trainable, NoMerge: v.grouped,
			JSON: fmt.Sprintf(`{"peft_type": "LORA", "r": 2, "lora_alpha": 4, %s}`, v.settings),
		}
		if v.name == "plain" {
			c.Bad = badConv
		}
		t.Run(v.name, func(t *testing.T) { pefttest.Conform(t, c) })
	}
}

var badConv = []pefttest.Bad{
	{Change: `{"target_modules": ["grouped"], "r": 3}`, Field: "r"},
	{Change: `{"init_lora_weights": "pissa"}`, Field: "init_lora_weights"},
	{Change: `{"init_lora_weights": "olora"}`, Field: "init_lora_weights"},
	{Change: `{"init_lora_weights": "orthogonal"}`, Field: "init_lora_weights"},
}

var bad = []pefttest.Bad{
	{Change: `{"r": 0}`, Field: "r"},
	{Change: `{"r": -1}`, Field: "r"},
	{Change: `{"lora_dropout": 1}`, Field: "lora_dropout"},
	{Change: `{"lora_dropout": -0.1}`, Field: "lora_dropout"},
	{Change: `{"bias": "some"}`, Field: "bias"},
	{Change: `{"init_lora_weights": "gauss"}`, Field: "init_lora_weights"},
	{Change: `{"rank_pattern": {"query": 0}}`, Field: "rank_pattern"},
	{Change: `{"rank_pattern": {"qeury": 2}}`, Field: "rank_pattern"},
	{Change: `{"alpha_pattern": {"qeury": 2}}`, Field: "alpha_pattern"},
	{Change: `{"target_modules": ["qeury"]}`, Field: "target_modules"},
	{Change: `{"target_modules": "("}`, Field: "target_modules"},
	{Change: `{"exclude_modules": ["qeury"]}`, Field: "exclude_modules"},
	{Change: `{"modules_to_save": ["clasifier"]}`, Field: "modules_to_save"},
	{Change: `{"layers_pattern": "layer", "target_modules": ["query"]}`, Field: "layers_pattern"},
	{Change: `{"layers_to_transform": 0, "target_modules": "query"}`, Field: "layers_to_transform"},
	{Change: `{"task_type": "SEQCLS"}`, Field: "task_type"},
	{Change: `{"lora_bias": true, "use_dora": true}`, Field: "lora_bias"},
	{Change: `{"r": 3, "init_lora_weights": "orthogonal", "lora_bias": false}`, Field: "r"},
	{Change: `{"corda_config": {"corda_method": "apm"}}`, Field: "corda_config"},
	{Change: `{"eva_config": {"rho": 0.5}}`, Field: "eva_config"},
	{Change: `{"lora_ga_config": {"ro": 1}}`, Field: "lora_ga_config"},
	{Change: `{"init_lora_weights": "mica", "r": 9}`, Field: "r"},
	{Change: `{"init_lora_weights": "mica", "use_dora": true}`, Field: "init_lora_weights"},
	{Change: `{"init_lora_weights": "mica", "lora_bias": true}`, Field: "lora_bias"},
	{Change: `{"init_lora_weights": "loftq", "lora_alpha": 0}`, Field: "lora_alpha"},
	{Change: `{"init_lora_weights": "loftq", "r": 9}`, Field: "r"},
	{Change: `{"init_lora_weights": "loftq", "target_modules": ["word_embeddings"]}`, Field: "init_lora_weights"},
	{Change: `{"loftq_config": {"loftq_bits": 3}}`, Field: "loftq_config"},
	{Change: `{"loftq_config": {"loftq_iter": -1}}`, Field: "loftq_config"},
	{Change: `{"loftq_config": {"bits": 4}}`, Field: "loftq_config"},
	{Change: `{"loftq_config": null}`, Field: "loftq_config"},
	{Change: `{"kasa_config": {}, "r": 8}`, Field: "r"},
	{Change: `{"kasa_config": {"beta": -1}}`, Field: "kasa_config"},
	{Change: `{"kasa_config": {"gamma": null}}`, Field: "kasa_config"},
	{Change: `{"kasa_config": {"delta": 1}}`, Field: "kasa_config"},
	{Change: `{"kasa_config": {}, "use_dora": true}`, Field: "kasa_config"},
	{Change: `{"kasa_config": {}, "init_lora_weights": "pissa"}`, Field: "init_lora_weights"},
	{Change: `{"alora_invocation_tokens": [1], "init_lora_weights": "olora"}`, Field: "init_lora_weights"},
	{Change: `{"monteclora_config": {}, "init_lora_weights": "pissa"}`, Field: "init_lora_weights"},
	{Change: `{"use_bdlora": {"target_modules_bd_a": ["query", "value"]}, "init_lora_weights": "orthogonal"}`, Field: "init_lora_weights"},
	{Change: `{"kasa_config": {}, "target_modules": ["word_embeddings"]}`, Field: "kasa_config"},
	{Change: `{"use_bdlora": {}}`, Field: "use_bdlora"},
	{Change: `{"use_bdlora": {"target_modules_bd_a": ["query"], "target_modules_bd_b": ["query", "value"]}}`, Field: "use_bdlora"},
	{Change: `{"use_bdlora": {"target_modules_bd_a": ["query", "value"], "target_modules_bd_b": ["self"]}}`, Field: "use_bdlora"},
	{Change: `{"use_bdlora": {"target_modules_bd_a": ["query", "value"], "nblocks": 3}}`, Field: "use_bdlora"},
	{Change: `{"use_bdlora": {"target_modules_bd_a": ["query", "value"], "nblocks": 0}}`, Field: "use_bdlora"},
	{Change: `{"use_bdlora": {"target_modules_bd_a": ["query", "value"]}, "lora_bias": true}`, Field: "lora_bias"},
	{Change: `{"alora_invocation_tokens": []}`, Field: "alora_invocation_tokens"},
	{Change: `{"alora_invocation_tokens": [11]}`, Field: "alora_invocation_tokens"},
	{Change: `{"alora_invocation_tokens": [-1]}`, Field: "alora_invocation_tokens"},
	{Change: `{"alora_invocation_tokens": [1], "target_modules": ["word_embeddings"]}`, Field: "alora_invocation_tokens"},
	{Change: `{"target_parameters": ["qeury.weight"]}`, Field: "target_parameters"},
	{Change: `{"target_parameters": ["query.weight"]}`, Field: "target_parameters"},
	{Change: `{"target_parameters": ["key.weight"], "use_dora": true}`, Field: "target_parameters"},
	{Change: `{"target_parameters": ["key.weight"], "lora_dropout": 0.1}`, Field: "target_parameters"},
	{Change: `{"target_parameters": ["key.weight"], "init_lora_weights": "pissa"}`, Field: "target_parameters"},
	{Change: `{"target_parameters": ["output.dense.bias"]}`, Field: "target_parameters"},
	{Change: `{"target_parameters": ["LayerNorm.weight"]}`, Field: "target_parameters"},
	{Change: `{"target_parameters": [], "target_modules": []}`, Field: "target_parameters"},
	{Change: `{"target_parameters": "key.weight"}`, Field: "target_parameters"},
	{Change: `{"velora_config": {"num_groups": 0}}`, Field: "velora_config"},
	{Change: `{"velora_config": {"num_groups": -1}}`, Field: "velora_config"},
	{Change: `{"velora_config": {"scale": 0}}`, Field: "velora_config"},
	{Change: `{"velora_config": {"init_type": "mean"}}`, Field: "velora_config"},
	{Change: `{"velora_config": {}, "monteclora_config": {}}`, Field: "monteclora_config"},
	{Change: `{"monteclora_config": {"num_samples": 0}}`, Field: "monteclora_config"},
	{Change: `{"monteclora_config": {"dirichlet_prior": 0}}`, Field: "monteclora_config"},
	{Change: `{"monteclora_config": {"sample_scaler": -1}}`, Field: "monteclora_config"},
	{Change: `{"monteclora_config": {"kl_loss_weight": -1}}`, Field: "monteclora_config"},
	{Change: `{"trainable_token_indices": []}`, Field: "trainable_token_indices"},
	{Change: `{"trainable_token_indices": [11]}`, Field: "trainable_token_indices"},
	{Change: `{"trainable_token_indices": [-1]}`, Field: "trainable_token_indices"},
	{Change: `{"trainable_token_indices": [3, 3]}`, Field: "trainable_token_indices"},
	{Change: `{"trainable_token_indices": "3"}`, Field: "trainable_token_indices"},
	{Change: `{"trainable_token_indices": {"wrod_embeddings": [1]}}`, Field: "trainable_token_indices"},
	{Change: `{"trainable_token_indices": {"query": [1]}}`, Field: "trainable_token_indices"},
	{Change: `{"trainable_token_indices": [1], "target_modules": ["word_embeddings"]}`, Field: "trainable_token_indices"},
	{Change: `{"trainable_token_indices": [1], "modules_to_save": ["word_embeddings"]}`, Field: "trainable_token_indices"},
}
