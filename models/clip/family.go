package clip

import (
	"github.com/gopeft/gopeft/models/arch"
	"github.com/gopeft/gopeft/peft/seam"
)

// Families of configs, by model_type: both towers, and one alone.
var (
	// Family makes the models of model_type "clip"; package models opens them.
	Family = arch.Family{
		ModelType: "clip",
		Prefix:    "clip",
		Tasks:     map[string]string{"CLIPModel": arch.Contrastive, "CLIPForImageClassification": arch.ImageClass},
		New:       newBoth,
	}
	// TextFamily makes the models of model_type "clip_text_model", one tower alone.
	TextFamily = arch.Family{
		ModelType: "clip_text_model",
		Prefix:    "text_model",
		Tasks:     map[string]string{"CLIPTextModel": arch.Encoder, "CLIPTextModelWithProjection": arch.TextEmbedding},
		New:       newText,
	}
	// VisionFamily makes the models of model_type "clip_vision_model", one tower alone.
	VisionFamily = arch.Family{
		ModelType: "clip_vision_model",
		Prefix:    "vision_model",
		Tasks:     map[string]string{"CLIPVisionModel": arch.Encoder, "CLIPVisionModelWithProjection": arch.ImageEmbedding},
		New:       newVision,
	}
)

func newBoth(c *arch.Config, task string) (arch.Network, error) {
	refuseQuantized(c)
	vision := readVision(section(c, "vision_config"), "vision_model.")
	if task == arch.ImageClass {
		arch.Only(c, "problem_type", "", "regression", "single_label_classification", "multi_label_classification")
		info := vision.info("clip", task)
		info.Classes = c.Classes()
		return &classifier{about: info, vision: vision, problem: arch.Get(c, "problem_type", "")}, c.Err()
	}
	text := readText(section(c, "text_config"), "text_model.")
	return &model{
		about: text.info("clip", arch.Contrastive), text: text, vision: vision,
		width: c.Size("projection_dim", 512), scale: arch.Get(c, "logit_scale_init_value", float32(2.6592)),
	}, c.Err()
}

// section is the config of a tower. Old files have it twice: what is under "…_dict" counts there, and stands for itself.
func section(c *arch.Config, field string) *arch.Config {
	if c.Has(field + "_dict") {
		field += "_dict"
	}
	return c.Section(field)
}

func refuseQuantized(c *arch.Config) {
	if c.Has("quantization_config") {
		c.Failf("quantization_config", "is not supported")
	}
}

// readBlocks reads what both towers' configs call by the same names; def holds the defaults that differ.
func readBlocks(c *arch.Config, at string, def arch.EncoderBlocks) arch.EncoderBlocks {
	c.PlainEncoder()
	e := arch.EncoderBlocks{
		PreNorm: true, Prefix: at + "encoder.layers.",
		Names: arch.BlockNames{
			Attention: "self_attn", Query: "self_attn.q_proj", Key: "self_attn.k_proj", Value: "self_attn.v_proj", QueryLast: true,
			Output: arch.SublayerNames{Path: "attention_adapters", Dense: "self_attn.out_proj", Norm: "layer_norm1"},
			Up:     "mlp.fc1",
			Down:   arch.SublayerNames{Path: "output_adapters", Dense: "mlp.fc2", Norm: "layer_norm2"},
		},
		Hidden: c.Size("hidden_size", def.Hidden), Inner: c.Size("intermediate_size", def.Inner),
		Layers: c.Size("num_hidden_layers", 12), Heads: c.Size("num_attention_heads", def.Heads),
		Activation:       c.Activation("hidden_act", "quick_gelu"),
		AttentionDropout: c.Rate("attention_dropout", 0),
		Eps:              arch.Get(c, "layer_norm_eps", 1e-5),
	}
	if !(e.Eps > 0) {
		c.Failf("layer_norm_eps", "must be positive, is %v", e.Eps)
	}
	c.Divides("num_attention_heads", e.Heads, "hidden_size", e.Hidden)
	return e
}

// describe is the Info of a tower with these blocks.
func describe(e *arch.EncoderBlocks, modelType, task string) seam.Info {
	return seam.Info{ModelType: modelType, Head: task, Hidden: e.Hidden, Layers: e.Layers, Heads: e.Heads, HeadDim: e.Hidden / e.Heads}
}
