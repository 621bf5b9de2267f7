package clip

import (
	"github.com/gopeft/gopeft/models/arch"
	"github.com/gopeft/gopeft/peft/seam"
)

// Paths of the projections.
const (
	textProjection  = "text_projection"
	imageProjection = "visual_projection"
)

func projection(l *arch.Layout, path string, in, out int) {
	l.Linear(seam.Site{Path: path, Role: "head", Layer: -1, In: in, Out: out}, false)
}

// tower is that of texts or that of images.
type tower interface {
	info(modelType, task string) seam.Info
	layout(l *arch.Layout)
	// forward gives the states [batch, positions, hidden] and those that stand for a text or an image [batch, hidden].
	forward(c *seam.Call, in seam.Nodes) (states, pooled *seam.Node)
	check(in seam.Tensors) error
}

// lone is a tower by itself: CLIPTextModel, CLIPVisionModel or, where width is not 0, one WithProjection.
type lone struct {
	tower
	about         seam.Info
	inputs        []string
	head, outcome string // the projection's path and its output's name
	hidden, width int
}

func newText(c *arch.Config, task string) (arch.Network, error) {
	at, width := place(c, task, arch.TextEmbedding, "text_model.")
	t := readText(c, at)
	return (&lone{
		tower: t, inputs: []string{"input_ids", "attention_mask"}, head: textProjection, outcome: "text_embeds",
		hidden: t.blocks.Hidden, width: width,
	}).described(c, at, "clip_text_model", task)
}

func newVision(c *arch.Config, task string) (arch.Network, error) {
	at, width := place(c, task, arch.ImageEmbedding, "vision_model.")
	v := readVision(c, at)
	return (&lone{
		tower: v, inputs: []string{"pixel_values"}, head: imageProjection, outcome: "image_embeds",
		hidden: v.blocks.Hidden, width: width,
	}).described(c, at, "clip_vision_model", task)
}

// place gives the prefix of a tower's paths and its projection's width: none and 0 unless it is asked for.
func place(c *arch.Config, task, projected, prefix string) (at string, width int) {
	refuseQuantized(c)
	if task != projected {
		return "", 0
	}
	return prefix, c.Size("projection_dim", 512)
}

func (n *lone) described(c *arch.Config, at, modelType, task string) (arch.Network, error) {
	n.about = n.info(modelType, task)
	n.about.Prefix = at[:max(len(at)-1, 0)]
	return n, c.Err()
}

func (n *lone) whole() arch.Layout {
	var l arch.Layout
	n.layout(&l)
	if n.width > 0 {
		projection(&l, n.head, n.hidden, n.width)
	}
	return l
}

// Info implements seam.Model.
func (n *lone) Info() seam.Info { return n.about }

// Sites implements seam.Model.
func (n *lone) Sites() []seam.Site { return n.whole().Sites }

// Values implements arch.Network.
func (n *lone) Values() []arch.Value { return n.whole().Values }

// Forward implements seam.Model.
func (n *lone) Forward(c *seam.Call, in seam.Nodes) seam.Nodes {
	states, pooled := n.forward(c, in)
	if n.width > 0 {
		return seam.Nodes{"last_hidden_state": states, n.outcome: c.Linear(n.head, pooled)}
	}
	return seam.Nodes{"last_hidden_state": states, "pooler_output": pooled}
}

// Check implements seam.Model.
func (n *lone) Check(in seam.Tensors, virtual int) error {
	if err := arch.Known(in, n.inputs...); err != nil {
		return err
	}
	if err := noPrompts(virtual); err != nil {
		return err
	}
	return n.check(in)
}
