package peft_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gopeft/gopeft/lora"
	"github.com/gopeft/gopeft/peft"
	"github.com/gopeft/gopeft/peft/seam"
)

// hfDefault is what HF PEFT writes for LoraConfig(task_type="CAUSAL_LM") on a Llama: every other field at its default.
const hfDefault = `{"alora_invocation_tokens":null,"alpha_pattern":{},"arrow_config":null,"auto_mapping":null,
"base_model_name_or_path":null,"bias":"none","corda_config":null,"ensure_weight_tying":false,"eva_config":null,
"exclude_modules":null,"fan_in_fan_out":false,"inference_mode":true,"init_lora_weights":true,"kasa_config":null,
"layer_replication":null,"layers_pattern":null,"layers_to_transform":null,"loftq_config":{},"lora_alpha":8,
"lora_bias":false,"lora_dropout":0.0,"lora_ga_config":null,"megatron_config":null,"megatron_core":"megatron.core",
"modules_to_save":null,"monteclora_config":null,"peft_type":"LORA","peft_version":"0.21.2","qalora_group_size":16,
"r":8,"rank_pattern":{},"revision":null,"target_modules":["q_proj","v_proj"],"target_parameters":null,
"task_type":"CAUSAL_LM","trainable_token_indices":null,"use_bdlora":null,"use_dora":false,"use_qalora":false,
"use_rslora":false,"velora_config":null}`

// TestZeroConfigIsHFsDefault: an empty struct is HF PEFT's default, byte for byte as Python writes it.
func TestZeroConfigIsHFsDefault(t *testing.T) {
	got, err := seam.MarshalConfig(&lora.Config{Targets: peft.Match("v_proj", "q_proj"), Common: peft.Common{TaskType: "CAUSAL_LM"}})
	require.NoError(t, err)
	require.JSONEq(t, hfDefault, string(got))
	var keys map[string]json.RawMessage
	require.NoError(t, json.Unmarshal([]byte(hfDefault), &keys))
	require.Len(t, keys, 41)
	require.Contains(t, string(got), "\"lora_dropout\": 0.0,\n  \"lora_ga_config\"", "sorted, indented, floats with a point")

	cfg, err := peft.ParseConfig([]byte(`{"peft_type": "LORA"}`))
	require.NoError(t, err)
	require.Equal(t, &lora.Config{}, cfg, "absent keys are zero")
	full, err := peft.ParseConfig([]byte(hfDefault))
	require.NoError(t, err)
	again, err := seam.MarshalConfig(full)
	require.NoError(t, err)
	require.Equal(t, string(got), string(again))
}

// TestExplicitZero keeps a written 0 apart from an absent key.
func TestExplicitZero(t *testing.T) {
	cfg, err := peft.ParseConfig([]byte(`{"peft_type": "LORA", "lora_alpha": 0}`))
	require.NoError(t, err)
	require.Zero(t, float64(seam.WithDefaults(*cfg.(*lora.Config)).Alpha))
	require.EqualValues(t, 8, seam.WithDefaults(lora.Config{}).Alpha)
	raw, err := seam.MarshalConfig(cfg)
	require.NoError(t, err)
	require.Contains(t, string(raw), `"lora_alpha": 0,`)
}

// TestUnimplementedKeys refuses each field of HF PEFT's that is not implemented, by name, unless it is at its default.
func TestUnimplementedKeys(t *testing.T) {
	for key, value := range map[string]string{
		"megatron_config": "{}", "megatron_core": `"other"`, "qalora_group_size": "8", "use_qalora": "true",
	} {
		_, err := peft.ParseConfig([]byte(`{"peft_type": "LORA", "` + key + `": ` + value + `}`))
		require.ErrorIs(t, err, peft.ErrUnsupported, key)
		var u *peft.UnsupportedError
		require.ErrorAs(t, err, &u)
		require.Equal(t, []string{"LORA", key}, []string{u.Type, u.Option})
		require.ErrorContains(t, err, key+" = ")
	}
}

// TestUnknownKeysAreKept: a file of a newer HF PEFT keeps what this version does not know.
func TestUnknownKeysAreKept(t *testing.T) {
	s := newScene(t)
	a, err := peft.Load(s.b, edited(t, "lora", []string{`"r": 4`, `"r": 4, "future": {"b": [1, 2.50], "a": null}`}, nil))
	require.NoError(t, err)
	dir := t.TempDir()
	require.NoError(t, a.Save(dir))
	raw, err := os.ReadFile(filepath.Join(dir, peft.ConfigFile))
	require.NoError(t, err)
	var keys map[string]json.RawMessage
	require.NoError(t, json.Unmarshal(raw, &keys))
	require.JSONEq(t, `{"b": [1, 2.50], "a": null}`, string(keys["future"]))
	require.Contains(t, string(keys["future"]), "2.50", "as it was written")
	require.Len(t, keys, 42)
}

// TestConfigsAreCopied: a caller's struct and an adapter never share memory.
func TestConfigsAreCopied(t *testing.T) {
	s := newScene(t)
	mine := withHead(small(4, 8, "query"))
	ad := s.attach("a", mine)
	mine.ModulesToSave[0] = "changed"
	cfg := ad.Config()
	require.Equal(t, []string{"classifier"}, cfg.Shared().ModulesToSave)
	cfg.Shared().ModulesToSave[0] = "changed"
	cfg = ad.Config()
	require.Equal(t, []string{"classifier"}, cfg.Shared().ModulesToSave)
}
