package clip

import (
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/graph"

	"github.com/gopeft/gopeft/models/arch"
	"github.com/gopeft/gopeft/peft/seam"
)

// vision is the tower of images.
type vision struct {
	at                     string // its prefix, "vision_model." or ""
	blocks                 arch.EncoderBlocks
	channels, image, patch int // sizes are a square's side in pixels
}

func readVision(c *arch.Config, at string) *vision {
	v := &vision{
		at: at, blocks: readBlocks(c, at, arch.EncoderBlocks{Hidden: 768, Inner: 3072, Heads: 12}),
		channels: c.Size("num_channels", 3), image: c.Size("image_size", 224), patch: c.Size("patch_size", 32),
	}
	const most = 1 << 14 // beyond it counts of patches overflow
	if v.image > most {
		c.Failf("image_size", "%d is more than %d", v.image, most)
	}
	if v.patch > v.image {
		c.Failf("patch_size", "%d is more than image_size %d", v.patch, v.image)
	}
	return v
}

func (v *vision) info(modelType, task string) seam.Info {
	out := describe(&v.blocks, modelType, task)
	out.MaxPositions = v.tokens()
	return out
}

// tokens counts the patches and the class token. Pixels beyond the last whole patch are seen by none.
func (v *vision) tokens() int { return 1 + (v.image/v.patch)*(v.image/v.patch) }

func (v *vision) class() string   { return v.at + "embeddings.class_embedding" }
func (v *vision) project() string { return v.at + "embeddings.patch_embedding" }
func (v *vision) columns() string { return v.at + "embeddings.position_embedding" }
func (v *vision) first() string   { return v.at + "pre_layrnorm" } // transformers' spelling
func (v *vision) last() string    { return v.at + "post_layernorm" }

func (v *vision) layout(l *arch.Layout) {
	h := v.blocks.Hidden
	l.Values = append(l.Values, arch.Value{Path: v.class(), Shape: []int{h}})
	side, none := []int{v.patch, v.patch}, []int{0, 0}
	l.Conv(seam.Site{
		Path: v.project(), Role: "embedding", Layer: -1, In: v.channels, Out: h,
		Conv: &seam.Convolution{Kernel: side, Stride: side, Padding: none, Dilation: []int{1, 1}, Groups: 1},
	}, false)
	l.Embedding(v.columns(), "positions", v.tokens(), h)
	l.Norm(v.first(), -1, h, true)
	l.Blocks(&v.blocks)
	l.Norm(v.last(), -1, h, true)
}

// states [images, 1+patches, hidden] of pixel_values.
func (v *vision) states(c *seam.Call, in seam.Nodes) *seam.Node {
	h := v.blocks.Hidden
	x := c.Conv(v.project(), graph.ConvertDType(in["pixel_values"], dtypes.Float32))
	batch := x.Shape().Dimensions[0]
	x = graph.TransposeAllAxes(graph.Reshape(x, batch, h, -1), 0, 2, 1)
	class := graph.BroadcastToDims(graph.Reshape(c.Value(v.class()), 1, 1, h), batch, 1, h)
	seq := seam.Sequence{Embeds: graph.Concatenate([]*seam.Node{class, x}, 1)}
	x = graph.Add(seq.Embeds, c.Embedding(v.columns(), seq.PositionIDs()))
	x = c.Norm(v.first(), x, v.blocks.Eps)
	mask := graph.BroadcastToDims(graph.Const(c.Graph(), true), batch, v.tokens())
	return v.blocks.Forward(c, x, mask)
}

// forward gives the states and those that stand for an image.
func (v *vision) forward(c *seam.Call, in seam.Nodes) (states, pooled *seam.Node) {
	states = v.states(c, in)
	return states, v.pool(c, states)
}

// pool takes what stands for an image [images, hidden] out of its states.
func (v *vision) pool(c *seam.Call, states *seam.Node) *seam.Node {
	class := graph.Squeeze(graph.Slice(states, graph.AxisRange(), graph.AxisElem(0)), 1)
	return c.Norm(v.last(), class, v.blocks.Eps)
}

// count checks the images and gives their number.
func (v *vision) count(in seam.Tensors) (int, error) {
	return arch.Pixels(in, v.channels, v.image, v.image)
}

func (v *vision) check(in seam.Tensors) error {
	_, err := v.count(in)
	return err
}

// noPrompts refuses virtual tokens, which HF PEFT puts into neither tower.
func noPrompts(virtual int) error {
	if virtual > 0 {
		return &seam.UnsupportedError{Option: "virtual tokens in CLIP"}
	}
	return nil
}
