package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"

	"github.com/gopeft/gopeft/internal/pefttest/golden"
	"github.com/gopeft/gopeft/peft"
)

// Five steps from a loaded adapter, and from a fresh one with the same values, are HF PEFT's on every LoRA case of
// every backbone.
func TestFiveSteps(t *testing.T) {
	f := golden.OpenFixtures(t)
	bases, err := f.Bases()
	require.NoError(t, err)
	ran := 0
	for _, base := range bases {
		cases, err := f.Cases(base)
		require.NoError(t, err)
		for _, name := range cases {
			c, err := f.Case(base, name)
			require.NoError(t, err)
			if c.Type != "LORA" || !golden.Process(base) || golden.Compiles && name != "lora" {
				continue
			}
			ran++
			t.Run(base+"/"+name, func(t *testing.T) { fiveSteps(t, f.BaseDir(base), c) })
		}
	}
	require.GreaterOrEqual(t, ran, golden.Processes)
}

// Five steps of a prefix or a prompt begin with the values that its file was computed from.
func TestFiveStepsOfVirtualTokens(t *testing.T) {
	f := golden.OpenFixtures(t)
	for _, name := range []string{"prefix", "prefix-proj", "prompt"} {
		if golden.Compiles && name != "prefix-proj" {
			continue
		}
		t.Run(name, func(t *testing.T) {
			c, err := f.Case("bert_seqcls", name)
			require.NoError(t, err)
			config, err := os.ReadFile(filepath.Join(c.Dir, "adapter_config.json"))
			require.NoError(t, err)
			init := filepath.Join(t.TempDir(), "init.safetensors")
			require.NoError(t, peft.WriteTensors(init, golden.Under(c.Golden, "init.")))
			fiveStepsOf(t, f.BaseDir("bert_seqcls"), c, map[string]recipe{
				"init": {"config": json.RawMessage(config), "init": init},
			})
		})
	}
}

func fiveSteps(t *testing.T, base string, c *golden.Case) {
	config, err := os.ReadFile(filepath.Join(c.Dir, "adapter_config.json"))
	require.NoError(t, err)
	file := filepath.Join(c.Dir, "adapter_model.safetensors")
	adapters := map[string]recipe{"load": {"load": c.Dir}, "init": {"config": json.RawMessage(config), "init": file}}
	values, err := peft.ReadTensors(file)
	require.NoError(t, err)
	for key := range values {
		if strings.HasSuffix(key, ".base_layer.weight") { // an embedding of the base, which does not train
			delete(adapters, "init")
		}
	}
	if len(golden.Under(c.Golden, "in.")) > 0 { // it has sizes that a fresh one on the base has not
		delete(adapters, "init")
	}
	fiveStepsOf(t, base, c, adapters)
}

// fiveStepsOf trains adapters that begin in several ways.
func fiveStepsOf(t *testing.T, base string, c *golden.Case, adapters map[string]recipe) {
	o := c.Optimizer
	batch := filepath.Join(base, "io.safetensors")
	if len(golden.Under(c.Golden, "in.")) > 0 {
		batch = filepath.Join(c.Dir, "golden.safetensors")
	}
	r := recipe{
		"backbone": base, "train": recipe{"tensors": batch}, "steps": o.Steps,
		"optimizer": recipe{"type": "adamw", "lr": o.LR, "weight_decay": o.Decay, "betas": o.Betas, "eps": o.Eps},
		"schedule":  recipe{"type": "constant"}, "max_grad_norm": 0,
	}
	want, err := tensors.CopyFlatData[float32](c.Golden["train.losses"])
	require.NoError(t, err)
	for how, adapter := range adapters {
		if c.MovesStatistics {
			adapter["train_statistics"] = true
		}
		out := filepath.Join(t.TempDir(), "run")
		succeeds(t, r.write(t, recipe{"adapter": adapter, "out": out}))
		lines, _ := metrics(t, out)
		require.Len(t, lines, len(want), how)
		for i, line := range lines {
			require.InEpsilon(t, want[i], line["loss"], 1e-3, "%s: loss of step %d", how, i+1)
			require.Equal(t, float64(i+1), line["step"])
			require.InDelta(t, o.LR, line["lr"], 1e-12)
			require.Positive(t, line["grad_norm"])
		}
		trained, err := peft.ReadTensors(filepath.Join(out, "adapter", "adapter_model.safetensors"))
		require.NoError(t, err)
		for key, value := range golden.Under(c.Golden, "train.param.") {
			// Values whose gradient is nothing but rounding wander with the rate of each step; see package golden.
			require.NoError(t, golden.Tolerance{Abs: 2.1 * o.LR * float64(o.Steps)}.Near(key, value, trained[key]), how)
		}
		var summary map[string]float64
		raw, err := os.ReadFile(filepath.Join(out, "summary.json"))
		require.NoError(t, err)
		require.NoError(t, json.Unmarshal(raw, &summary))
		require.Equal(t, float64(c.Trainable), summary["trainable"], how)
		require.Equal(t, float64(c.Total), summary["total"], how)
	}
}
