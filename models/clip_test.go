package models_test

import (
	"maps"
	"math"
	"os"
	"path/filepath"
	"testing"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"

	"github.com/gopeft/gopeft/internal/pefttest/golden"
	"github.com/gopeft/gopeft/models"
	"github.com/gopeft/gopeft/models/arch"
	"github.com/gopeft/gopeft/peft"
)

// Configs of small towers.
const (
	clipText   = `"hidden_size":8,"num_hidden_layers":1,"num_attention_heads":2,"intermediate_size":12,"vocab_size":20,"max_position_embeddings":6,"eos_token_id":2`
	clipVision = `"hidden_size":12,"num_hidden_layers":2,"num_attention_heads":3,"intermediate_size":8,"image_size":4,"patch_size":2,"num_channels":2`
)

func clip(class, more string) []byte {
	return []byte(`{"model_type":"clip","architectures":["` + class + `"],"projection_dim":5,"text_config":{` + clipText + `},"vision_config":{` + clipVision + `}` + more + `}`)
}

func tower(modelType, class, config string) []byte {
	return []byte(`{"model_type":"` + modelType + `","architectures":["` + class + `"],"projection_dim":5,` + config + `}`)
}

func writeConfig(t *testing.T, dir string, config []byte) {
	t.Helper()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "config.json"), config, 0o644))
}

func squares(batch int) *peft.Tensor {
	flat := make([]float32, batch*2*4*4)
	for i := range flat {
		flat[i] = float32(i%7) - 3
	}
	return tensors.FromFlatDataAndDimensions(flat, batch, 2, 4, 4)
}

func texts() *peft.Tensor { return tensors.FromValue([][]int32{{3, 9, 19, 1}, {3, 4, 5, 19}}) }

func TestCLIPClassesOpenAgain(t *testing.T) {
	on := engine(t)
	both := peft.Tensors{"input_ids": texts(), "pixel_values": squares(2)}
	for class, c := range map[string]struct {
		config []byte
		in     peft.Tensors
		task   string
	}{
		"CLIPModel":                     {clip("CLIPModel", ""), both, arch.Contrastive},
		"CLIPForImageClassification":    {clip("CLIPForImageClassification", ""), peft.Tensors{"pixel_values": squares(2)}, arch.ImageClass},
		"CLIPTextModel":                 {tower("clip_text_model", "CLIPTextModel", clipText), peft.Tensors{"input_ids": texts()}, arch.Encoder},
		"CLIPTextModelWithProjection":   {tower("clip_text_model", "CLIPTextModelWithProjection", clipText), peft.Tensors{"input_ids": texts()}, arch.TextEmbedding},
		"CLIPVisionModel":               {tower("clip_vision_model", "CLIPVisionModel", clipVision), peft.Tensors{"pixel_values": squares(1)}, arch.Encoder},
		"CLIPVisionModelWithProjection": {tower("clip_vision_model", "CLIPVisionModelWithProjection", clipVision), peft.Tensors{"pixel_values": squares(1)}, arch.ImageEmbedding},
	} {
		b, err := models.Random(c.config, on, models.HeadSeed(1))
		require.NoError(t, err, class)
		require.Equal(t, c.task, b.Info().Head)
		want, err := b.Forward(t.Context(), c.in)
		require.NoError(t, err, class)
		dir := t.TempDir()
		require.NoError(t, b.Save(dir))
		again, err := models.Load(dir, on)
		require.NoError(t, err, class)
		require.Empty(t, again.Origin().Drawn, class)
		got, err := again.Forward(t.Context(), c.in)
		require.NoError(t, err, class)
		require.NoError(t, golden.Same(class, want, got))
	}
}

// A tower opens from a checkpoint of both, under its own config.
func TestCLIPTowerOfBoth(t *testing.T) {
	on := engine(t)
	b, err := models.Random(clip("CLIPModel", ""), on, models.HeadSeed(1))
	require.NoError(t, err)
	in := peft.Tensors{"input_ids": texts(), "pixel_values": squares(2)}
	whole, err := b.Forward(t.Context(), in)
	require.NoError(t, err)
	dir := t.TempDir()
	require.NoError(t, b.Save(dir))
	writeConfig(t, dir, tower("clip_text_model", "CLIPTextModelWithProjection", clipText))
	alone, err := models.Load(dir, on)
	require.NoError(t, err)
	out, err := alone.Forward(t.Context(), peft.Tensors{"input_ids": texts()})
	require.NoError(t, err)
	for i, row := range out["text_embeds"].Value().([][]float32) {
		length := 0.0
		for _, v := range row {
			length += float64(v) * float64(v)
		}
		for j, v := range row {
			require.InDelta(t, float64(v)/math.Sqrt(length), whole["text_embeds"].Value().([][]float32)[i][j], 1e-6)
		}
	}
}

// Texts alone and images alone give what they give together; as many of one as of the other have a loss.
func TestCLIPOneSide(t *testing.T) {
	b, err := models.Random(clip("CLIPModel", ""), engine(t), models.HeadSeed(1))
	require.NoError(t, err)
	whole, err := b.Forward(t.Context(), peft.Tensors{"input_ids": texts(), "pixel_values": squares(3)})
	require.NoError(t, err)
	require.Equal(t, []int{2, 3}, whole["logits_per_text"].Shape().Dimensions)
	require.Equal(t, []int{3, 2}, whole["logits_per_image"].Shape().Dimensions)
	require.NotContains(t, whole, "loss")
	said, err := b.Forward(t.Context(), peft.Tensors{"input_ids": texts()})
	require.NoError(t, err)
	seen, err := b.Forward(t.Context(), peft.Tensors{"pixel_values": squares(3)})
	require.NoError(t, err)
	maps.Copy(said, seen)
	require.Len(t, said, 2)
	near := golden.Tolerance{Abs: 1e-6}
	require.NoError(t, near.NearAll("alone", said, whole))
}

func TestCLIPFreshScale(t *testing.T) {
	for more, want := range map[string]float32{"": 2.6592, `,"logit_scale_init_value":1.5`: 1.5} {
		b, err := models.Random(clip("CLIPModel", more), engine(t))
		require.NoError(t, err)
		require.Equal(t, want, maps.Collect(b.Values())["logit_scale"].Value())
	}
}

// Attention's probabilities in every layer, and nothing else, are dropped: one layer of texts, two of images.
func TestCLIPDropout(t *testing.T) {
	on := engine(t)
	in := peft.Tensors{"input_ids": texts(), "pixel_values": squares(2)}
	half := `,"attention_dropout":0.5}`
	for more, want := range map[string]int{"": 0, `,"text_config":{` + clipText + half: 1, `,"vision_config":{` + clipVision + half: 2} {
		b, err := models.Random(clip("CLIPModel", more), on)
		require.NoError(t, err)
		require.Equal(t, want, dropouts(t, b, in), more)
	}
}

// Old configs tell a tower's sizes twice; what is missing in the second is not taken from the first.
func TestCLIPOldConfig(t *testing.T) {
	dir := t.TempDir()
	writeConfig(t, dir, []byte(`{"model_type":"clip","text_config":{`+clipText+`},"text_config_dict":{"hidden_size":16,"num_attention_heads":4},
		"vision_config":{`+clipVision+`},"vision_config_dict":null}`))
	info, err := models.Inspect(dir)
	require.NoError(t, err)
	require.Equal(t, peft.Info{ModelType: "clip", Head: arch.Contrastive, Hidden: 16, Layers: 12, Heads: 4, HeadDim: 4, Vocab: 49408, MaxPositions: 77}, info.Info)
}

func TestBadCLIPConfigs(t *testing.T) {
	for field, config := range map[string][]byte{
		"text_config.eos_token_id":         clip("CLIPModel", `,"text_config":{"eos_token_id":[2,3]}`),
		"text_config.num_attention_heads":  clip("CLIPModel", `,"text_config":{"num_attention_heads":7}`),
		"text_config.hidden_act":           clip("CLIPModel", `,"text_config":{"hidden_act":"laplace"}`),
		"text_config.attention_dropout":    clip("CLIPModel", `,"text_config":{"attention_dropout":1}`),
		"vision_config.layer_norm_eps":     clip("CLIPModel", `,"vision_config":{"layer_norm_eps":0}`),
		"vision_config.image_size":         clip("CLIPModel", `,"vision_config":{"image_size":[4,6]}`),
		"vision_config.patch_size":         clip("CLIPModel", `,"vision_config":{"patch_size":225}`),
		"vision_config.num_channels":       clip("CLIPModel", `,"vision_config":{"num_channels":0}`),
		"text_config_dict.hidden_size":     clip("CLIPModel", `,"text_config_dict":{"hidden_size":-1}`),
		"vision_config: want":              clip("CLIPModel", `,"vision_config":3`),
		"projection_dim":                   clip("CLIPModel", `,"projection_dim":0`),
		"problem_type":                     clip("CLIPForImageClassification", `,"problem_type":"ranking"`),
		"quantization_config":              clip("CLIPModel", `,"quantization_config":{}`),
		"bad model config: eos_token_id":   tower("clip_text_model", "CLIPTextModel", `"eos_token_id":"a"`),
		"bad model config: projection_dim": tower("clip_vision_model", "CLIPVisionModelWithProjection", `"projection_dim":-5`),
	} {
		_, err := models.Random(config)
		require.ErrorIs(t, err, arch.ErrConfig, field)
		require.ErrorContains(t, err, field)
	}
}

func TestBadCLIPInput(t *testing.T) {
	b, err := models.Random(clip("CLIPModel", ""), engine(t))
	require.NoError(t, err)
	mask := tensors.FromValue([][]int32{{1, 1, 1}, {1, 1, 1}})
	for says, in := range map[string]peft.Tensors{
		"input_ids: are missing":                     {},
		"attention_mask: comes without":              {"pixel_values": squares(2), "attention_mask": mask},
		"attention_mask: has shape [2 3]":            {"input_ids": texts(), "attention_mask": mask},
		"pixel_values: has shape [1 2 4 6]":          {"input_ids": texts(), "pixel_values": pixels(1)},
		"input_ids: value 20 at 1":                   {"input_ids": tensors.FromValue([][]int32{{3, 20}})},
		"7 tokens are more than the backbone's 6":    {"input_ids": tensors.FromValue([][]int32{{3, 3, 3, 3, 3, 3, 3}})},
		"position_ids: is no argument of this model": {"input_ids": texts(), "position_ids": texts()},
		"labels: is no argument of this model":       {"input_ids": texts(), "pixel_values": squares(2), "labels": tensors.FromValue([]int32{0, 1})},
	} {
		_, err := b.Forward(t.Context(), in)
		require.ErrorIs(t, err, peft.ErrInput, says)
		require.ErrorContains(t, err, says)
	}
}
