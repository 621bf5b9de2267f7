package train_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gopeft/gopeft/optim"
	"github.com/gopeft/gopeft/peft/train"
)

// least are the keys that a recipe must have.
const least = `{"backbone": "b", "adapter": {"load": "a"}, "train": {"tensors": "t"}, "steps": 5, "out": "o"}`

// with gives the least recipe with keys set to other JSON values, or taken out by "".
func with(t *testing.T, keys map[string]string) string {
	t.Helper()
	var r map[string]json.RawMessage
	require.NoError(t, json.Unmarshal([]byte(least), &r))
	for key, value := range keys {
		if value == "" {
			delete(r, key)
		} else {
			r[key] = json.RawMessage(value)
		}
	}
	raw, err := json.Marshal(r)
	require.NoError(t, err)
	return string(raw)
}

// read reads a recipe's text as a file of that name.
func read(t *testing.T, name, text string) (*train.Recipe, error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	require.NoError(t, os.WriteFile(path, []byte(text), 0o644))
	return train.ReadRecipe(path)
}

func TestRecipeKinds(t *testing.T) {
	fromJSON, err := train.ReadRecipe("testdata/recipe.json")
	require.NoError(t, err)
	fromYAML, err := train.ReadRecipe("testdata/recipe.yaml")
	require.NoError(t, err)
	require.JSONEq(t, string(fromJSON.Adapter.Config), string(fromYAML.Adapter.Config))
	fromYAML.Adapter.Config = fromJSON.Adapter.Config
	require.Equal(t, fromJSON, fromYAML)

	// JSON is YAML.
	raw, err := os.ReadFile("testdata/recipe.json")
	require.NoError(t, err)
	both, err := read(t, "recipe.YML", string(raw))
	require.NoError(t, err)
	both.Adapter.Config = fromJSON.Adapter.Config
	require.Equal(t, fromJSON, both)

	o, err := fromJSON.Options()
	require.NoError(t, err)
	require.Equal(t, train.Options{
		Optimizer: optim.AdamW{LR: 1e-3, Betas: [2]float64{0.9, 0.999}, Eps: 1e-8, WeightDecay: 0.01},
		Schedule:  optim.Linear{Warmup: 0.1}, MaxGradNorm: 1, BatchSize: 16, Epochs: 3, MaxLength: 128,
		Seed: 18446744073709551615, Out: "run", CheckpointEvery: 100,
	}, o)
	require.Equal(t, train.RecipeData{JSONL: "eval.jsonl", Text: "sentence", Label: "label"}, fromJSON.Eval, "keys of the training data")
}

// What a recipe leaves out is as examples/finetune documents it: AdamW at 1e-3 without decay, linear without warmup,
// norm 1.
func TestRecipeDefaults(t *testing.T) {
	r, err := read(t, "r.json", least)
	require.NoError(t, err)
	o, err := r.Options()
	require.NoError(t, err)
	require.Equal(t, train.Options{
		Optimizer: optim.AdamW{LR: 1e-3, Betas: [2]float64{0.9, 0.999}, Eps: 1e-8, WeightDecay: optim.Zero},
		Schedule:  optim.Linear{}, Steps: 5, Out: "o",
	}, o)
	require.Empty(t, r.Task+r.DType)
	require.Zero(t, r.Eval)

	r, err = read(t, "r.json", with(t, map[string]string{
		"max_grad_norm": "0", "optimizer": `{"lr": 0, "weight_decay": 0, "betas": [0, 0.5], "eps": 0, "no_decay": ["bias"]}`,
		"no_decay": `["LayerNorm"]`, "schedule": `{"type": "constant"}`,
	}))
	require.NoError(t, err)
	o, err = r.Options()
	require.NoError(t, err)
	zero := float64(optim.Zero)
	require.Equal(t, optim.AdamW{
		LR: zero, Betas: [2]float64{zero, 0.5}, Eps: zero, WeightDecay: zero, NoDecay: []string{"LayerNorm", "bias"},
	}, o.Optimizer)
	require.Equal(t, optim.Constant{}, o.Schedule)
	require.Equal(t, zero, o.MaxGradNorm)
}

// The keys about steps, evaluations and the folder are the options of the same names.
func TestRecipeOfSteps(t *testing.T) {
	keys := map[string]string{
		"accumulate": "4", "eval_every": "100", "overwrite": "true", "eval": `{"tensors": "e"}`,
		"early_stopping": `{"patience": 3, "min_delta": 0.5, "metric": "eval_accuracy"}`,
	}
	r, err := read(t, "r.json", with(t, keys))
	require.NoError(t, err)
	o, err := r.Options()
	require.NoError(t, err)
	require.Equal(t, []any{4, 100, true}, []any{o.Accumulate, o.EvalEvery, o.Overwrite})
	require.Equal(t, &train.EarlyStopping{Patience: 3, MinDelta: 0.5, Metric: "eval_accuracy"}, o.EarlyStopping)

	keys["early_stopping"] = "{}"
	r, err = read(t, "r.json", with(t, keys))
	require.NoError(t, err)
	o, err = r.Options()
	require.NoError(t, err)
	require.Equal(t, &train.EarlyStopping{}, o.EarlyStopping)
}

func TestRecipeOptimizers(t *testing.T) {
	for text, want := range map[string]optim.Optimizer{
		`{"type": "adam", "lr": 0.1, "amsgrad": true}`: optim.Adam{
			LR: 0.1, Betas: [2]float64{0.9, 0.999}, Eps: 1e-8, WeightDecay: optim.Zero, AMSGrad: true,
		},
		`{"type": "sgd", "lr": 0.1, "momentum": 0.9, "nesterov": true, "weight_decay": 0.5}`: optim.SGD{
			LR: 0.1, Momentum: 0.9, Dampening: optim.Zero, Nesterov: true, WeightDecay: 0.5,
		},
		`{"lr": 0.1, "loraplus_lr_ratio": 4, "loraplus_lr_embedding": 0, "riemannian_reg": 0.5}`: optim.Riemannian{
			Optimizer: optim.LoRAPlus{
				Optimizer: optim.AdamW{LR: 0.1, Betas: [2]float64{0.9, 0.999}, Eps: 1e-8, WeightDecay: optim.Zero},
				Ratio:     4, EmbeddingRate: optim.Zero,
			},
			Reg: 0.5,
		},
		`{"type": "lorafa", "lr": 0.1, "weight_decay": 0.2, "lora_alpha": 32, "use_rslora": true}`: optim.LoRAFA{
			LR: 0.1, Betas: [2]float64{0.9, 0.999}, Eps: 1e-6, WeightDecay: 0.2, Alpha: 32, RSLoRA: true,
		},
	} {
		r, err := read(t, "r.json", with(t, map[string]string{"optimizer": text}))
		require.NoError(t, err)
		o, err := r.Options()
		require.NoError(t, err)
		require.Equal(t, want, o.Optimizer)
	}
	for name, want := range map[string]optim.Schedule{
		"cosine": optim.Cosine{Warmup: 3}, "polynomial": optim.Polynomial{Warmup: 3}, "inverse_sqrt": optim.InverseSqrt{Warmup: 3},
	} {
		r, err := read(t, "r.json", with(t, map[string]string{"schedule": `{"type": "` + name + `", "warmup": 3}`}))
		require.NoError(t, err)
		o, err := r.Options()
		require.NoError(t, err)
		require.Equal(t, want, o.Schedule)
	}
}

// LoRA's strength is that of the new adapter's config.
func TestRecipeStrength(t *testing.T) {
	strength := func(config string) optim.LoRAFA {
		r, err := read(t, "r.json", with(t, map[string]string{"adapter": `{"config": ` + config + `}`, "optimizer": `{"type": "lorafa"}`}))
		require.NoError(t, err)
		o, err := r.Options()
		require.NoError(t, err)
		require.IsType(t, optim.LoRAFA{}, o.Optimizer)
		return o.Optimizer.(optim.LoRAFA)
	}
	o := strength(`{"lora_alpha": 24, "use_rslora": true}`)
	require.Equal(t, []any{24.0, true}, []any{o.Alpha, o.RSLoRA})
	require.Nil(t, o.Strength)
	require.Equal(t, 8.0, strength(`{}`).Alpha)

	o = strength(`{"lora_alpha": 24, "alpha_pattern": {"query": 6}}`)
	require.Equal(t, 3.0, o.Strength("base_model.model.layer.0.query.lora_B.weight", 2))
	require.Equal(t, 12.0, o.Strength("base_model.model.layer.0.value.lora_B.weight", 2))
	o = strength(`{"use_rslora": true, "alpha_pattern": {"query": 6}}`)
	require.Equal(t, 3.0, o.Strength("base_model.model.layer.0.query.lora_B.weight", 4))
}

// Every fault is one line with the file, the key and what would do.
func TestBadRecipe(t *testing.T) {
	for says, keys := range map[string]map[string]string{
		`unknown key "epoch": did you mean "epochs"?`:                                    {"epoch": "3"},
		`unknown key "Seed": did you mean "seed"?`:                                       {"Seed": "3"},
		`unknown key "optimizer.weight_dekay": did you mean "optimizer.weight_decay"`:    {"optimizer": `{"weight_dekay": 1}`},
		`unknown key "train.tensor": did you mean "train.tensors"?`:                      {"train": `{"tensor": "x"}`},
		"optimizer.lr: is there twice":                                                   {"optimizer": `{"lr": 1, "lr": 2}`},
		"optimizer.lr: got string, want a number":                                        {"optimizer": `{"lr": "fast"}`},
		"steps: got number 1.5, want a whole number":                                     {"steps": "1.5"},
		"seed: got number -1, want a whole number of at least 0":                         {"seed": "-1"},
		"no_decay: got string, want a list":                                              {"no_decay": `"bias"`},
		"optimizer.nesterov: got number, want true or false":                             {"optimizer": `{"nesterov": 1}`},
		"train: got string, want an object":                                              {"train": `"train.jsonl"`},
		"out: got bool, want a string":                                                   {"out": "true"},
		"backbone: is missing":                                                           {"backbone": ""},
		"out: is missing":                                                                {"out": ""},
		"adapter: is missing":                                                            {"adapter": ""},
		"train: is missing":                                                              {"train": ""},
		"epochs (or steps): is missing":                                                  {"steps": ""},
		"adapter: has config and load":                                                   {"adapter": `{"load": "a", "config": {}}`},
		"adapter: init goes with config":                                                 {"adapter": `{"load": "a", "init": "i"}`},
		"train: has jsonl and tensors":                                                   {"train": `{"jsonl": "a", "tensors": "b"}`},
		"eval: needs jsonl or tensors":                                                   {"eval": `{"text": "t"}`},
		`unknown key "early_stopping.patients": did you mean "early_stopping.patience"?`: {"early_stopping": `{"patients": 1}`, "eval": `{"tensors": "e"}`},
		"early_stopping: needs eval":                                                     {"early_stopping": `{"patience": 1}`},
		"early_stopping.patience: must not be negative, is -1":                           {"early_stopping": `{"patience": -1}`, "eval": `{"tensors": "e"}`},
		"early_stopping.min_delta: must not be negative, is -0.5":                        {"early_stopping": `{"min_delta": -0.5}`, "eval": `{"tensors": "e"}`},
		"early_stopping: got number, want an object":                                     {"early_stopping": `3`},
		"accumulate: must not be negative, is -1":                                        {"accumulate": "-1"},
		"eval_every: must not be negative, is -1":                                        {"eval_every": "-1"},
		"overwrite: got string, want true or false":                                      {"overwrite": `"yes"`},
		"batch_size: must not be negative, is -1":                                        {"batch_size": "-1"},
		"max_grad_norm: must not be negative, is -1":                                     {"max_grad_norm": "-1"},
		`optimizer: type: "lion" is none of adam, adamw, lorafa, sgd`:                    {"optimizer": `{"type": "lion"}`},
		"optimizer: momentum: is no setting of adamw":                                    {"optimizer": `{"momentum": 0.9}`},
		"optimizer: betas: want 2 numbers, got 1":                                        {"optimizer": `{"betas": [0.9]}`},
		"AdamW.Betas[1] is 1":                                                            {"optimizer": `{"betas": [0.9, 1]}`},
		"optimizer: use_rslora: is no setting of adamw":                                  {"optimizer": `{"use_rslora": true}`},
		"optimizer: loraplus_lr_embedding: goes with loraplus_lr_ratio":                  {"optimizer": `{"loraplus_lr_embedding": 1}`},
		"optimizer: optim: LoRAPlus.Ratio is -1":                                         {"optimizer": `{"loraplus_lr_ratio": -1}`},
		"optimizer: optim: LoRAPlus.Optimizer is optim.LoRAFA":                           {"optimizer": `{"type": "lorafa", "lora_alpha": 8, "loraplus_lr_ratio": 2}`},
		"optimizer: optim: Riemannian.Reg is 0":                                          {"optimizer": `{"riemannian_reg": 0}`},
		"optimizer: optim: LoRAFA.Alpha is 0":                                            {"optimizer": `{"type": "lorafa", "lora_alpha": 0}`},
		"optimizer: lora_alpha: is missing; it is that of the adapter in":                {"optimizer": `{"type": "lorafa"}`, "adapter": `{"load": "a"}`},
		`optimizer: alpha_pattern: "q": lorafa wants a number above 0`:                   {"optimizer": `{"type": "lorafa"}`, "adapter": `{"config": {"alpha_pattern": {"q": 0}}}`},
		`schedule: type: "step" is none of`:                                              {"schedule": `{"type": "step"}`},
	} {
		_, err := read(t, "r.json", with(t, keys))
		require.ErrorIs(t, err, train.ErrRecipe, says)
		require.ErrorContains(t, err, says)
		require.ErrorContains(t, err, "r.json: ")
		require.NotContains(t, err.Error(), "\n")
	}
	for says, file := range map[string][2]string{
		"line 2: invalid character":             {"r.json", "{\n\"backbone\" 1}"},
		"unexpected end":                        {"r.json", "{"},
		"the recipe: got array, want an object": {"r.json", "[]"},
		"after top-level value":                 {"r.json", least + "1"},
		"exceeded max depth":                    {"r.json", strings.Repeat("[", 20000)},
		"already defined":                       {"r.yaml", "out: a\nout: b"},
		"cannot start any token":                {"r.yaml", "out:\n\t- b"},
		"want one YAML document":                {"r.yaml", "out: a\n---\nout: b"},
		`unknown key "ou": did you mean "out"?`: {"r.yml", "ou: a"},
		"seed: got string, want a whole number": {"r.yaml", "seed: \"1e-3\""},
	} {
		_, err := read(t, file[0], file[1])
		require.ErrorIs(t, err, train.ErrRecipe, says)
		require.ErrorContains(t, err, says)
		require.ErrorContains(t, err, file[0]+": ")
		require.NotContains(t, err.Error(), "\n")
	}
	_, err := train.ReadRecipe(filepath.Join(t.TempDir(), "none.json"))
	require.ErrorIs(t, err, train.ErrRecipe)
	require.ErrorIs(t, err, os.ErrNotExist)
}
