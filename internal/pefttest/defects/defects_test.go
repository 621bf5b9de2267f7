package defects

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"

	"github.com/gopeft/gopeft/internal/pefttest/golden"
	"github.com/gopeft/gopeft/peft"
	_ "github.com/gopeft/gopeft/peft/all"
)

func open(t *testing.T, name string) *golden.Base {
	t.Helper()
	golden.OnGo(t) // files and settings: another engine would show nothing more
	b, err := golden.Committed(t).Base(golden.OpenEngine(t), name)
	require.NoError(t, err)
	return b
}

// attach puts an adapter on, of a type with further fields of its config, and data to start from.
func attach(t *testing.T, a *peft.Adapted, in peft.Tensors, as, kind, fields string) error {
	t.Helper()
	cfg, err := peft.ParseConfig([]byte(fmt.Sprintf(`{"peft_type": %q, %s}`, kind, fields)))
	if err != nil {
		return err
	}
	var opts []peft.Option
	if strings.Contains(fields, "corda") || strings.Contains(fields, "lora_ga") {
		opts = append(opts, peft.Calibrate(context.Background(), func(yield func(peft.Tensors, error) bool) { yield(in, nil) }))
	}
	return a.Attach(as, cfg, opts...)
}

func adapted(t *testing.T, base *golden.Base, kind, fields string) *peft.Adapted {
	t.Helper()
	a := peft.New(base.Backbone)
	require.NoError(t, attach(t, a, base.In, "a", kind, fields))
	return a
}

// stir moves what trains away from its start.
func stir(t *testing.T, a *peft.Adapted, name string) {
	t.Helper()
	r := rand.New(rand.NewPCG(uint64(len(name)), uint64(name[0])))
	params, err := a.Trainable(peft.Use(name))
	require.NoError(t, err)
	ad, err := a.Adapter(name)
	require.NoError(t, err)
	next := peft.Tensors{}
	for _, p := range params {
		flat, err := tensors.CopyFlatData[float32](p.Value)
		require.NoError(t, err)
		for i := range flat {
			flat[i] += float32(0.2*r.Float64() - 0.1)
		}
		next[p.FileKey()] = tensors.FromFlatDataAndDimensions(flat, p.Shape...)
	}
	require.NoError(t, ad.Set(ad.Config(), next))
}

func logits(t *testing.T, a *peft.Adapted, base *golden.Base, sel peft.Selection) []float32 {
	t.Helper()
	out, err := a.Forward(t.Context(), sel, base.In)
	require.NoError(t, err)
	flat, err := tensors.CopyFlatData[float32](out["logits"])
	require.NoError(t, err)
	return flat
}

// reopened saves an adapter and loads it on its backbone.
func reopened(t *testing.T, a *peft.Adapted, base *golden.Base, name string) (*peft.Adapted, peft.Tensors) {
	t.Helper()
	dir := t.TempDir()
	require.NoError(t, a.SaveAdapter(name, dir))
	again, err := peft.Load(base.Backbone, dir)
	require.NoError(t, err)
	file, err := golden.ReadTensors(filepath.Join(dir, peft.WeightsFile))
	require.NoError(t, err)
	return again, file
}

// An adapter may have the name of a part of a path; each is saved whole.
func TestD1NamesOfPathParts(t *testing.T) {
	base := open(t, "llama_lm")
	a := peft.New(base.Backbone)
	names := []string{"default", "0", "self_attn", "layers"}
	for _, name := range names {
		require.NoError(t, attach(t, a, base.In, name, "LORA", `"r": 2, "target_modules": ["q_proj", "v_proj"]`))
		stir(t, a, name)
	}
	for _, name := range names {
		again, file := reopened(t, a, base, name)
		require.Len(t, file, 2*2*2, name)
		require.Equal(t, logits(t, a, base, peft.Use(name)), logits(t, again, base, again.All()), name)
	}
}

// An average weighs what each adapter adds, once, with its own scale, rsLoRA's and DoRA's included: at the last map logits are linear in
// that. Making one LoRA of several (add_weighted_adapter) is held to the same when it is there.
func TestD3D4D5D15AveragesAsWritten(t *testing.T) {
	base := open(t, "llama_lm")
	for _, fields := range []string{`"lora_alpha": 16`, `"use_rslora": true`, `"use_dora": true`} {
		a := peft.New(base.Backbone)
		for _, name := range []string{"a", "b"} {
			require.NoError(t, attach(t, a, base.In, name, "LORA", `"r": 4, "target_modules": ["lm_head"], `+fields))
			stir(t, a, name)
		}
		bare, first, second := logits(t, a, base, peft.Base()), logits(t, a, base, peft.Use("a")), logits(t, a, base, peft.Use("b"))
		got := logits(t, a, base, peft.Average([]float64{0.3, 0.7}, peft.Use("a"), peft.Use("b")))
		want := make([]float32, len(got))
		for i := range want {
			want[i] = bare[i] + 0.3*(first[i]-bare[i]) + 0.7*(second[i]-bare[i])
		}
		require.InDeltaSlice(t, want, got, 1e-5, fields)
		require.NotEqual(t, first, second)
		require.InDeltaSlice(t, first, logits(t, a, base, peft.Average([]float64{1}, peft.Use("a"))), 1e-6, fields)
	}
}

// Starts that take something from the weight, by chance or by data, are saved as what computes the same anywhere.
func TestD7StartsReopen(t *testing.T) {
	for _, name := range []string{"llama_lm", "gpt2_lm"} {
		base, targets := open(t, name), `"r": 2, "target_modules": ["q_proj", "down_proj"]`
		if name == "gpt2_lm" {
			targets = `"r": 2, "target_modules": ["c_attn"]` // [out, in] turned round in its files, and not square
		}
		for _, start := range []string{"pissa", "pissa_niter_4", "olora", "corda", "lora_ga"} {
			a := adapted(t, base, "LORA", targets+fmt.Sprintf(`, "init_lora_weights": %q`, start))
			require.InDeltaSlice(t, logits(t, a, base, peft.Base()), logits(t, a, base, a.All()), 2e-5, start)
			stir(t, a, "a")
			again, _ := reopened(t, a, base, "a")
			require.InDeltaSlice(t, logits(t, a, base, a.All()), logits(t, again, base, again.All()), 2e-5, "%s of %s", start, name)
		}
	}
}

func TestD7LoftQSaysWhere(t *testing.T) {
	for name, target := range map[string]string{"resnet_imgcls": "convolution", "llama_lm": "embed_tokens"} {
		base := open(t, name)
		err := attach(t, peft.New(base.Backbone), base.In, "a", "LORA", fmt.Sprintf(`"target_modules": [%q], "init_lora_weights": "loftq"`, target))
		require.ErrorContains(t, err, "init_lora_weights", name)
		require.ErrorContains(t, err, target, name)
	}
}

// A target or a pattern's key that matches nothing is refused by its name.
func TestD8Unmatched(t *testing.T) {
	base := open(t, "llama_lm")
	for _, fields := range []string{
		`"target_modules": ["q_proj", "qeury"]`,
		`"target_modules": ["q_proj"], "rank_pattern": {"qeury": 2}`,
		`"target_modules": ["q_proj"], "alpha_pattern": {"qeury": 2}`,
	} {
		err := attach(t, peft.New(base.Backbone), base.In, "a", "LORA", fields)
		require.ErrorContains(t, err, "qeury", fields)
	}
}

func TestD8bOSFOnGPT2(t *testing.T) {
	base := open(t, "gpt2_lm")
	a := adapted(t, base, "OSF", `"target_modules": ["c_attn"]`)
	require.Positive(t, a.NumTrainable())
	stir(t, a, "a")
	require.NotEqual(t, logits(t, a, base, peft.Base()), logits(t, a, base, a.All()))
}

// Equal adapters give equal bytes, whatever the order in which a set was written.
func TestD9EqualBytes(t *testing.T) {
	base := open(t, "llama_lm")
	var files [][]byte
	for _, targets := range []string{`["q_proj", "v_proj", "down_proj"]`, `["down_proj", "v_proj", "q_proj"]`} {
		a, dir := adapted(t, base, "LORA", `"r": 2, "target_modules": `+targets), t.TempDir()
		require.NoError(t, a.SaveAdapter("a", dir))
		for _, name := range []string{peft.ConfigFile, peft.WeightsFile} {
			raw, err := os.ReadFile(filepath.Join(dir, name))
			require.NoError(t, err)
			files = append(files, raw)
		}
	}
	require.Equal(t, string(files[0]), string(files[2]))
	require.Equal(t, files[1], files[3])
}

// What modules share stands once in the file, and nothing in it is zeros alone.
func TestD10FilesHoldValuesOnce(t *testing.T) {
	base := open(t, "llama_lm")
	for kind, fields := range map[string]string{
		"RANDLORA": `"r": 4`, "LILY": `"r": 4`, "GLORA": `"r": 2`,
	} {
		a := adapted(t, base, kind, fields+`, "target_modules": ["q_proj", "o_proj"]`)
		stir(t, a, "a")
		_, file := reopened(t, a, base, "a")
		seen := map[string]string{}
		for key, v := range file {
			var content string
			require.NoError(t, v.ConstBytes(func(raw []byte) { content = string(raw) }))
			require.NotEmpty(t, strings.Trim(content, "\x00"), "%s: %s is zeros", kind, key)
			require.Empty(t, seen[content], "%s: %s is written twice", kind, key)
			seen[content] = key
		}
	}
}

func TestD12ButterflyFactors(t *testing.T) {
	base := open(t, "llama_lm")
	for factors := 1; factors <= 2; factors++ {
		a := adapted(t, base, "BOFT", fmt.Sprintf(`"target_modules": ["q_proj"], "boft_block_size": 4, "boft_n_butterfly_factor": %d`, factors))
		stir(t, a, "a")
		again, file := reopened(t, a, base, "a")
		for key, v := range file {
			if strings.HasSuffix(key, "boft_R") {
				require.Equal(t, factors, v.Shape().Dimensions[0], key)
			}
		}
		require.Equal(t, logits(t, a, base, a.All()), logits(t, again, base, again.All()))
	}
}

// LoRA-GA's "stable" scale is by the number of outputs, also where the file has them second.
func TestD13StableByOutputs(t *testing.T) {
	base := open(t, "gpt2_lm")
	first := func(scale string) []float32 {
		a := adapted(t, base, "LORA", fmt.Sprintf(`"r": 2, "target_modules": ["c_attn"], "init_lora_weights": "lora_ga",
			"lora_ga_config": {"scale": %q, "stable_gamma": 16}`, scale))
		ad, err := a.Adapter("a")
		require.NoError(t, err)
		for key, v := range ad.Values() {
			if strings.Contains(key, "h.0.") && strings.Contains(key, "lora_B") {
				flat, err := tensors.CopyFlatData[float32](v)
				require.NoError(t, err)
				return append(flat, float32(v.Shape().Dimensions[0]))
			}
		}
		return nil
	}
	unit, stable := first("unit"), first("stable")
	out := float64(unit[len(unit)-1])
	for i, v := range unit[:len(unit)-1] {
		require.InDelta(t, float64(v)*math.Pow(out, 0.25)/4, float64(stable[i]), 1e-6)
	}
}

// A file without the factors that its loading computes anew opens with a warning; ours have them, and open to the bit.
func TestD14Factors(t *testing.T) {
	base := open(t, "bert_seqcls")
	for kind, theirs := range map[string]string{"PSOFT": "psoft", "ADAMSS": "adamss"} {
		a, err := peft.Load(base.Backbone, filepath.Join(string(golden.Variants(t)), "cases", "bert_seqcls", theirs))
		require.NoError(t, err)
		ad, err := a.Adapter(a.Names()[0])
		require.NoError(t, err)
		require.NotEmpty(t, ad.Warnings(), kind)

		a = adapted(t, base, kind, `"r": 4, "target_modules": ["query"]`)
		stir(t, a, "a")
		again, _ := reopened(t, a, base, "a")
		ad, err = again.Adapter(again.Names()[0])
		require.NoError(t, err)
		require.Empty(t, ad.Warnings(), kind)
		require.Equal(t, logits(t, a, base, a.All()), logits(t, again, base, again.All()), kind)
	}
}
