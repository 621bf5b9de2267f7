package clip

import (
	"github.com/gomlx/gomlx/core/graph"

	"github.com/gopeft/gopeft/models/arch"
	"github.com/gopeft/gopeft/peft/seam"
)

// classifier is CLIPForImageClassification: a linear map of the mean over an image's patches.
type classifier struct {
	about   seam.Info
	vision  *vision
	problem string // problem_type, see arch.SequenceLoss
}

func (n *classifier) layout() arch.Layout {
	var l arch.Layout
	n.vision.layout(&l)
	body := len(l.Values)
	l.Linear(seam.Site{Path: "classifier", Role: "head", Layer: -1, In: n.vision.blocks.Hidden, Out: len(n.about.Classes)}, true)
	arch.AsHead(l.Values[body:])
	return l
}

// Info implements seam.Model.
func (n *classifier) Info() seam.Info { return n.about }

// Sites implements seam.Model.
func (n *classifier) Sites() []seam.Site { return n.layout().Sites }

// Values implements arch.Network.
func (n *classifier) Values() []arch.Value { return n.layout().Values }

// Forward implements seam.Model.
func (n *classifier) Forward(c *seam.Call, in seam.Nodes) seam.Nodes {
	patches := graph.Slice(n.vision.states(c, in), graph.AxisRange(), graph.AxisRange(1))
	out := seam.Nodes{"logits": c.Linear("classifier", graph.ReduceMean(patches, 1))}
	if labels := in["labels"]; labels != nil {
		out["loss"] = arch.SequenceLoss(out["logits"], labels, n.problem)
	}
	return out
}

// Check implements seam.Model.
func (n *classifier) Check(in seam.Tensors, virtual int) error {
	if err := arch.Known(in, "pixel_values", "labels"); err != nil {
		return err
	}
	if err := noPrompts(virtual); err != nil {
		return err
	}
	batch, err := n.vision.count(in)
	if err != nil {
		return err
	}
	return arch.CheckClasses(in, len(n.about.Classes), n.problem, batch)
}
