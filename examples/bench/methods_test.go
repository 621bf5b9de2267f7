package main

import (
	"encoding/json"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gopeft/gopeft/peft/seam"
)

// needMore are methods that a config alone does not set up in HF PEFT, so that methods.py can't time them in pairs.
var needMore = map[string]string{
	"XLORA":                   "folders of trained adapters",
	"POLY":                    "an argument task_ids",
	"CPT":                     "the tokens of a prompt",
	"CARTRIDGE":               "a cache of keys and values",
	"MULTITASK_PROMPT_TUNING": "an argument task_ids",

	"BITFIT":       "HF PEFT has none",
	"FULL":         "HF PEFT has none",
	"LINEAR_PROBE": "HF PEFT has none",
	"FISHMASK":     "HF PEFT has none",
	"DIFFPRUNING":  "HF PEFT has none",
}

// methods.json has an entry for every method of this library, and those of it that this library has are configs that it
// reads, for a backbone that there is.
func TestMethods(t *testing.T) {
	raw, err := os.ReadFile("methods.json")
	require.NoError(t, err)
	var entries []struct {
		Name, Backbone string
		Batch          int
		Config         json.RawMessage
	}
	require.NoError(t, json.Unmarshal(raw, &entries))
	registered, listed, names := map[string]bool{}, map[string]bool{}, map[string]bool{}
	for kind := range seam.Types() {
		registered[kind] = true
	}
	for _, e := range entries {
		require.False(t, names[e.Name], "%s stands twice", e.Name)
		names[e.Name] = true
		var of struct {
			Type string `json:"peft_type"`
		}
		require.NoError(t, json.Unmarshal(e.Config, &of), e.Name)
		listed[of.Type] = true
		if e.Backbone == "" {
			e.Backbone = "minilm"
		}
		require.Contains(t, sizes, e.Backbone, e.Name)
		if !registered[of.Type] {
			t.Logf("%s: %s is not registered", e.Name, of.Type)
			continue
		}
		c := cell{Backbone: e.Backbone, Config: e.Config}
		cfg, err := c.adapter()
		require.NoError(t, err, e.Name)
		require.Equal(t, sizes[e.Backbone].task, cfg.Shared().TaskType)
	}
	for kind := range registered {
		require.True(t, listed[kind] || needMore[kind] != "", "methods.json has no %s", kind)
	}
}
