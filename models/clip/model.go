package clip

import (
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"

	"github.com/gopeft/gopeft/models/arch"
	"github.com/gopeft/gopeft/peft/seam"
)

// model is CLIPModel: both towers, their projections and a scale.
type model struct {
	about  seam.Info // of the texts
	text   *text
	vision *vision
	width  int     // of the projections
	scale  float32 // logit_scale before any training
}

const logitScale = "logit_scale"

func (m *model) layout() arch.Layout {
	l := arch.Layout{Values: []arch.Value{{Path: logitScale, Shape: []int{}, Start: m.scale}}}
	m.text.layout(&l)
	m.vision.layout(&l)
	projection(&l, imageProjection, m.vision.blocks.Hidden, m.width)
	projection(&l, textProjection, m.text.blocks.Hidden, m.width)
	return l
}

// Info implements seam.Model.
func (m *model) Info() seam.Info { return m.about }

// Sites implements seam.Model.
func (m *model) Sites() []seam.Site { return m.layout().Sites }

// Values implements arch.Network.
func (m *model) Values() []arch.Value { return m.layout().Values }

// Forward implements seam.Model.
func (m *model) Forward(c *seam.Call, in seam.Nodes) seam.Nodes {
	out := seam.Nodes{}
	if in["pixel_values"] != nil {
		_, pooled := m.vision.forward(c, in)
		out["image_embeds"] = unit(c.Linear(imageProjection, pooled))
	}
	if in["input_ids"] != nil {
		_, pooled := m.text.forward(c, in)
		out["text_embeds"] = unit(c.Linear(textProjection, pooled))
	}
	texts, images := out["text_embeds"], out["image_embeds"]
	if texts == nil || images == nil {
		return out
	}
	logits := graph.Einsum("te,ie->ti", texts, images)
	logits = graph.Mul(logits, graph.Exp(c.Value(logitScale)))
	out["logits_per_text"], out["logits_per_image"] = logits, graph.Transpose(logits, 0, 1)
	if d := logits.Shape().Dimensions; d[0] == d[1] {
		out["loss"] = pairLoss(logits)
	}
	return out
}

// pairLoss of logits [n, n] is the mean of the cross-entropies over rows and over columns, whose own one is right.
func pairLoss(logits *seam.Node) *seam.Node {
	own := graph.Iota(logits.Graph(), shapes.Make(dtypes.Int32, logits.Shape().Dimensions[0]), 0)
	sum := graph.Add(arch.CrossEntropy(logits, own, arch.IgnoreIndex), arch.CrossEntropy(graph.Transpose(logits, 0, 1), own, arch.IgnoreIndex))
	return graph.DivScalar(sum, 2)
}

// unit divides x [n, width] by its rows' lengths.
func unit(x *seam.Node) *seam.Node {
	return graph.Div(x, graph.Sqrt(graph.ReduceAndKeep(graph.Square(x), graph.ReduceSum, -1)))
}

// Check implements seam.Model.
func (m *model) Check(in seam.Tensors, virtual int) error {
	if err := arch.Known(in, "input_ids", "attention_mask", "pixel_values"); err != nil {
		return err
	}
	if err := noPrompts(virtual); err != nil {
		return err
	}
	if in["input_ids"] == nil && in["attention_mask"] != nil {
		return seam.Inputf("attention_mask", "comes without input_ids")
	}
	if in["input_ids"] != nil || in["pixel_values"] == nil {
		if err := m.text.check(in); err != nil {
			return err
		}
	}
	if in["pixel_values"] == nil {
		return nil
	}
	return m.vision.check(in)
}
