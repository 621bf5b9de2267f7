package clip

import (
	"github.com/gopeft/gopeft/models/arch"
	"github.com/gopeft/gopeft/peft"
)

// Paths of the projections.
const (
	textProjection  = "text_projection"
	imageProjection = "visual_projection"
)

func projection(l *arch.Layout, path string, in, out int) {
	l.Linear(peft.Site{Path: path, Role: "head", Layer: -1, In: in, Out: out}, false)
}

// texts is CLIPTextModel or, where width is not 0, CLIPTextModelWithProjection.
type texts struct {
	about peft.Info
	text  *text
	width int
}

func newText(c *arch.Config, task string) (arch.Network, error) {
	refuseQuantized(c)
	n := &texts{}
	at := ""
	if task == arch.TextEmbedding {
		at, n.width = "text_model.", c.Size("projection_dim", 512)
	}
	n.text = readText(c, at)
	n.about = n.text.info("clip_text_model", task)
	n.about.Prefix = prefix(at)
	return n, c.Err()
}

// prefix is the module's path that stands in front of a tower.
func prefix(at string) string { return at[:max(len(at)-1, 0)] }

func (n *texts) layout() arch.Layout {
	var l arch.Layout
	n.text.layout(&l)
	if n.width > 0 {
		projection(&l, textProjection, n.text.blocks.Hidden, n.width)
	}
	return l
}

// Info implements peft.Model.
func (n *texts) Info() peft.Info { return n.about }

// Sites implements peft.Model.
func (n *texts) Sites() []peft.Site { return n.layout().Sites }

// Values implements arch.Network.
func (n *texts) Values() []arch.Value { return n.layout().Values }

// Forward implements peft.Model.
func (n *texts) Forward(c *peft.Call, in peft.Nodes) peft.Nodes {
	states, pooled := n.text.forward(c, in)
	if n.width > 0 {
		return peft.Nodes{"last_hidden_state": states, "text_embeds": c.Linear(textProjection, pooled)}
	}
	return peft.Nodes{"last_hidden_state": states, "pooler_output": pooled}
}

// Check implements peft.Model.
func (n *texts) Check(in peft.Tensors, virtual int) error {
	if err := arch.Known(in, "input_ids", "attention_mask"); err != nil {
		return err
	}
	if err := noPrompts(virtual); err != nil {
		return err
	}
	return n.text.check(in)
}

// images is CLIPVisionModel or, where width is not 0, CLIPVisionModelWithProjection.
type images struct {
	about  peft.Info
	vision *vision
	width  int
}

func newVision(c *arch.Config, task string) (arch.Network, error) {
	refuseQuantized(c)
	n := &images{}
	at := ""
	if task == arch.ImageEmbedding {
		at, n.width = "vision_model.", c.Size("projection_dim", 512)
	}
	n.vision = readVision(c, at)
	n.about = n.vision.info("clip_vision_model", task)
	n.about.Prefix = prefix(at)
	return n, c.Err()
}

func (n *images) layout() arch.Layout {
	var l arch.Layout
	n.vision.layout(&l)
	if n.width > 0 {
		projection(&l, imageProjection, n.vision.blocks.Hidden, n.width)
	}
	return l
}

// Info implements peft.Model.
func (n *images) Info() peft.Info { return n.about }

// Sites implements peft.Model.
func (n *images) Sites() []peft.Site { return n.layout().Sites }

// Values implements arch.Network.
func (n *images) Values() []arch.Value { return n.layout().Values }

// Forward implements peft.Model.
func (n *images) Forward(c *peft.Call, in peft.Nodes) peft.Nodes {
	states := n.vision.states(c, in)
	pooled := n.vision.pool(c, states)
	if n.width > 0 {
		return peft.Nodes{"last_hidden_state": states, "image_embeds": c.Linear(imageProjection, pooled)}
	}
	return peft.Nodes{"last_hidden_state": states, "pooler_output": pooled}
}

// Check implements peft.Model.
func (n *images) Check(in peft.Tensors, virtual int) error {
	if err := arch.Known(in, "pixel_values"); err != nil {
		return err
	}
	if err := noPrompts(virtual); err != nil {
		return err
	}
	_, err := n.vision.check(in)
	return err
}
