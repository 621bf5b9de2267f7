package arch

import "github.com/gopeft/gopeft/peft/seam"

// Paths of an encoder's parts, under Speech.At.
const (
	projection     = "feature_projection.projection"
	projectionNorm = "feature_projection.layer_norm"
	maskVector     = "masked_spec_embed"
	encoderNorm    = "encoder.layer_norm"
)

// Sites implements seam.Model.
func (n *Speech) Sites() []seam.Site {
	return append(append(n.front().Sites, n.Blocks.Sites()...), n.Head.Sites()...)
}

// Values implements Network.
func (n *Speech) Values() []Value {
	var out []Value
	if n.WeightedSum {
		out = append(out, Value{Path: layerWeights, Shape: []int{n.Blocks.Layers + 1}, Ones: true, Head: true})
	}
	if n.Augment.Vector != "" {
		out = append(out, Value{Path: n.Augment.Vector, Shape: []int{n.About.Hidden}, Optional: true})
	}
	out = append(append(out, n.front().Values...), SiteValues(n.Blocks.Sites())...)
	return append(out, n.Head.Values()...)
}

// front lays out what stands around the blocks.
func (n *Speech) front() *Layout {
	l := &Layout{}
	n.Features.lay(l)
	width := n.Features.Channels[len(n.Features.Channels)-1]
	if n.FeatureNorm {
		l.Norm(n.At+projectionNorm, -1, width, true)
	}
	l.Linear(seam.Site{Path: n.At + projection, Role: "projection", Layer: -1, In: width, Out: n.About.Hidden}, true)
	n.Position.lay(l)
	l.Norm(n.At+encoderNorm, -1, n.About.Hidden, true)
	return l
}
