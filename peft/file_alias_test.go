package peft_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"

	"github.com/gopeft/gopeft/internal/pefttest/golden"
	"github.com/gopeft/gopeft/lora"
	"github.com/gopeft/gopeft/models"
	"github.com/gopeft/gopeft/peft"
)

// vision is a ViT of two layers, whose sites have aliases.
func vision(t *testing.T) *peft.Backbone {
	e := golden.OpenEngine(t)
	b, err := models.Random([]byte(`{"model_type":"vit","architectures":["ViTForImageClassification"],"hidden_size":8,"num_hidden_layers":2,`+
		`"num_attention_heads":2,"intermediate_size":12,"image_size":4,"patch_size":2,"num_channels":1}`), models.On(e))
	require.NoError(t, err)
	return b
}

// written gives target_modules of the adapter's file.
func written(t *testing.T, a *peft.Adapted) any {
	dir := t.TempDir()
	require.NoError(t, a.Save(dir))
	raw, err := os.ReadFile(filepath.Join(dir, peft.ConfigFile))
	require.NoError(t, err)
	var c struct {
		Targets any `json:"target_modules"`
	}
	require.NoError(t, json.Unmarshal(raw, &c))
	return c.Targets
}

// A target may name a site by its alias. Since others know its path only, that is what the file names then.
func TestTargetsByAlias(t *testing.T) {
	b := vision(t)
	const q0, q1 = "vit.layers.0.attention.q_proj", "vit.layers.1.attention.q_proj"
	const o0, o1, down1 = "vit.layers.0.attention.o_proj", "vit.layers.1.attention.o_proj", "vit.layers.1.mlp.fc2"
	list := func(names ...any) any { return append([]any{}, names...) }
	for what, c := range map[string]struct {
		cfg   lora.Config
		sites []string
		file  any
	}{
		"by path":             {lora.Config{Targets: peft.Match("q_proj")}, []string{q0, q1}, list("q_proj")},
		"by alias":            {lora.Config{Targets: peft.Match("query")}, []string{q0, q1}, list(q0, q1)},
		"by the whole alias":  {lora.Config{Targets: peft.Match("vit.encoder.layer.1.attention.attention.query")}, []string{q1}, list(q1)},
		"by both":             {lora.Config{Targets: peft.Match("query", "q_proj")}, []string{q0, q1}, list("q_proj", "query")},
		"by an alias's end":   {lora.Config{Targets: peft.Match("attention.output.dense")}, []string{o0, o1}, list(o0, o1)},
		"regexp, path":        {lora.Config{Targets: peft.MatchRegexp(`.*\.0\.attention\.q_proj`)}, []string{q0}, `.*\.0\.attention\.q_proj`},
		"regexp, alias":       {lora.Config{Targets: peft.MatchRegexp(`.*layer\.1\.(attention\.attention\.query|output\.dense)`)}, []string{q1, down1}, list(q1, down1)},
		"excluded by alias":   {lora.Config{Targets: peft.Match("q_proj"), Exclude: peft.Match("vit.encoder.layer.0.attention.attention.query")}, []string{q1}, list(q1)},
		"layers":              {lora.Config{Targets: peft.Match("query"), LayersToTransform: peft.IntList(1)}, []string{q1}, list(q1)},
		"layers by alias":     {lora.Config{Targets: peft.Match("q_proj"), LayersToTransform: peft.IntList(1), LayersPattern: peft.StringList("layer")}, []string{q1}, list(q1)},
		"layers by new names": {lora.Config{Targets: peft.Match("q_proj"), LayersToTransform: peft.IntList(1), LayersPattern: peft.StringList("layers")}, []string{q1}, list("q_proj")},
	} {
		t.Run(what, func(t *testing.T) {
			a, err := peft.Attach(b, "a", &c.cfg)
			require.NoError(t, err)
			ad, err := a.Adapter("a")
			require.NoError(t, err)
			require.Equal(t, c.sites, ad.Sites())
			require.Equal(t, c.file, written(t, a))
		})
	}
	for _, name := range []string{"quary", "attention.query.dense"} {
		_, err := peft.Attach(b, "a", &lora.Config{Targets: peft.Match(name)})
		require.ErrorIs(t, err, peft.ErrTarget)
	}
	_, err := peft.Attach(b, "a", &lora.Config{Targets: peft.Match("q_proj"), Exclude: peft.Match("quary")})
	require.ErrorIs(t, err, peft.ErrTarget)
}

// An adapter that was made under the checkpoint's names opens here, and is written under those of HF PEFT 0.21.
func TestFilesByAlias(t *testing.T) {
	b := vision(t)
	names := strings.NewReplacer("vit.layers.", "vit.encoder.layer.", "attention.q_proj", "attention.attention.query", "mlp.fc2", "output.dense")
	a, err := peft.Attach(b, "a", &lora.Config{R: 2, Targets: peft.Match("q_proj", "fc2"), Common: peft.Common{ModulesToSave: []string{"layernorm_after"}}})
	require.NoError(t, err)
	ad, err := a.Adapter("a")
	require.NoError(t, err)
	require.NoError(t, ad.Set(ad.Config(), shaken(ad, "old")))
	dir := t.TempDir()
	require.NoError(t, a.Save(dir))
	now, err := golden.ReadTensors(filepath.Join(dir, peft.WeightsFile))
	require.NoError(t, err)
	require.Contains(t, now, "base_model.model.vit.layers.1.mlp.fc2.lora_B.weight")
	require.Contains(t, now, "base_model.model.vit.layers.1.layernorm_after.bias")

	old := peft.Tensors{}
	for key, v := range now {
		old[names.Replace(key)] = v
	}
	require.Contains(t, old, "base_model.model.vit.encoder.layer.1.output.dense.lora_B.weight")
	require.Contains(t, old, "base_model.model.vit.encoder.layer.1.layernorm_after.bias")
	raw, err := os.ReadFile(filepath.Join(dir, peft.ConfigFile))
	require.NoError(t, err)
	text := strings.NewReplacer(`"q_proj"`, `"query"`, `"fc2"`, `"vit.encoder.layer.0.output.dense", "vit.encoder.layer.1.output.dense"`).Replace(string(raw))
	write := func(values peft.Tensors) string {
		dir := filepath.Join(t.TempDir(), "old")
		require.NoError(t, os.Mkdir(dir, 0o755))
		require.NoError(t, os.WriteFile(filepath.Join(dir, peft.ConfigFile), []byte(text), 0o644))
		require.NoError(t, peft.WriteTensors(filepath.Join(dir, peft.WeightsFile), values))
		return dir
	}
	again, err := peft.Load(b, write(old))
	require.NoError(t, err)
	back := t.TempDir()
	require.NoError(t, again.Save(back))
	got, err := golden.ReadTensors(filepath.Join(back, peft.WeightsFile))
	require.NoError(t, err)
	require.NoError(t, golden.Same("written again", now, got))

	x := peft.Tensors{"pixel_values": tensors.FromFlatDataAndDimensions([]float32{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16}, 1, 1, 4, 4)}
	want, err := a.Forward(t.Context(), a.All(), x)
	require.NoError(t, err)
	out, err := again.Forward(t.Context(), again.All(), x)
	require.NoError(t, err)
	require.NoError(t, golden.Same("outputs", want, out))

	const key = "base_model.model.vit.layers.0.attention.q_proj.lora_A.weight"
	old[key] = now[key]
	_, err = peft.Load(b, write(old))
	require.ErrorIs(t, err, peft.ErrTensor, "under both names")
	require.ErrorContains(t, err, "is the same value as")
}
