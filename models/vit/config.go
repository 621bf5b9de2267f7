package vit

import (
	"encoding/json"

	"github.com/gopeft/gopeft/models/arch"
	"github.com/gopeft/gopeft/peft/seam"
)

// Family makes the models of model_type "vit"; package models opens them.
var Family = arch.Family{
	ModelType: "vit",
	Prefix:    "vit",
	Tasks: map[string]string{
		"ViTModel":                  arch.Encoder,
		"ViTForImageClassification": arch.ImageClass,
	},
	New: newNetwork,
}

// network is ViT for one config and task. It holds no values.
type network struct {
	info     seam.Info
	at       string // the encoder's prefix, "vit." or ""
	image    size
	patch    size
	channels int
	dropout  float64
	qkvBias  bool
	blocks   arch.EncoderBlocks
	head     arch.Head
	problem  string
}

func newNetwork(c *arch.Config, task string) (arch.Network, error) {
	n := &network{
		image: side(c, "image_size", 224), patch: side(c, "patch_size", 16), channels: c.Size("num_channels", 3),
		qkvBias: arch.Get(c, "qkv_bias", true), problem: arch.Get(c, "problem_type", ""),
	}
	c.Divides("patch_size", n.patch.height, "image_size", n.image.height)
	c.Divides("patch_size", n.patch.width, "image_size", n.image.width)
	n.info = seam.Info{ModelType: "vit", Head: task}
	if task != arch.Encoder {
		n.at, n.info.Prefix = "vit.", "vit"
	}
	n.blocks = arch.EncoderBlocks{PreNorm: true, Prefix: n.at + "layers.", Names: arch.BlockNames{
		Attention: "attention", Query: "attention.q_proj", Key: "attention.k_proj", Value: "attention.v_proj",
		Output: arch.SublayerNames{Path: "attention.output", Dense: "attention.o_proj", Norm: "layernorm_before"},
		Up:     "mlp.fc1",
		Down:   arch.SublayerNames{Path: "mlp", Dense: "mlp.fc2", Norm: "layernorm_after"},
	}}
	n.blocks.Read(c, 0)
	n.dropout = n.blocks.OutputDropout
	b := &n.blocks
	n.info.Hidden, n.info.Layers, n.info.Heads, n.info.HeadDim = b.Hidden, b.Layers, b.Heads, b.Hidden/b.Heads
	n.info.MaxPositions = 1 + n.patches()
	c.PlainEncoder()
	arch.Only(c, "head_dim", n.info.HeadDim)
	n.head = n.taskHead(c, task)
	return n, c.Err()
}

func (n *network) taskHead(c *arch.Config, task string) arch.Head {
	hidden := n.info.Hidden
	if task == arch.ImageClass {
		n.info.Classes = c.Classes()
		return &arch.SequenceHead{Classifier: "classifier", Hidden: hidden, Classes: len(n.info.Classes), Problem: n.problem}
	}
	return &arch.BareHead{
		Pooler: "pooler.dense", Hidden: hidden, Pooled: c.Size("pooler_output_size", hidden), Activation: c.Activation("pooler_act", "tanh"),
	}
}

// stored is the blocks under the names that checkpoints have.
func (n *network) stored() *arch.EncoderBlocks {
	old := n.blocks
	old.Prefix = n.at + "encoder.layer."
	old.Names = arch.BlockNames{
		Attention: "attention.attention", Query: "attention.attention.query", Key: "attention.attention.key", Value: "attention.attention.value",
		Output: arch.SublayerNames{Path: "attention.output", Dense: "attention.output.dense", Norm: "layernorm_before"},
		Up:     "intermediate.dense",
		Down:   arch.SublayerNames{Path: "output", Dense: "output.dense", Norm: "layernorm_after"},
	}
	return &old
}

// size is that of a rectangle of pixels.
type size struct{ height, width int }

// side reads a field that is one number for a square or a list of height and width.
func side(c *arch.Config, field string, def int) size {
	raw := arch.Get(c, field, json.RawMessage("null"))
	var list []int
	if json.Unmarshal(raw, &list) != nil || list == nil {
		n := c.Size(field, def)
		return size{n, n}
	}
	if len(list) != 2 || min(list[0], list[1]) < 1 || max(list[0], list[1]) > 1<<16 {
		c.Failf(field, "want one positive number or two, got %s", raw)
		return size{def, def}
	}
	return size{list[0], list[1]}
}
