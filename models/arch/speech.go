package arch

import (
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/graph"

	"github.com/gopeft/gopeft/peft/seam"
)

// Speech is a transformer encoder over what convolutions make of a waveform: wav2vec 2.0 (Baevski et al. 2020,
// arXiv:2006.11477) and its relatives. A family fills one in with ReadSpeech. It implements Network.
type Speech struct {
	About    seam.Info
	Features SpeechFeatures
	Position SpeechPositions
	Blocks   EncoderBlocks
	Augment  SpecAugment
	Head     Head
	// At is the encoder's prefix, as "wav2vec2." or "".
	At string
	// FeatureNorm is the normalisation of the features in front of their projection.
	FeatureNorm bool
	// FeatureOutput adds the normed features to the bare model's outputs, as "extract_features".
	FeatureOutput bool
	// WeightedSum gives the head a mean of all blocks' inputs and outputs by weights of the checkpoint, not the last one's.
	WeightedSum bool
	// FeatureDropout and Dropout are shares while training: of the projected features, and in front of the blocks.
	FeatureDropout, Dropout float64
	// LayerDrop is the share of blocks that are left out while training, each for the whole batch (Fan et al. 2019,
	// arXiv:1909.11556). They are computed all the same.
	LayerDrop float64
}

var _ Network = (*Speech)(nil)

// layerWeights is the path of WeightedSum's weights.
const layerWeights = "layer_weights"

// Info implements seam.Model.
func (n *Speech) Info() seam.Info { return n.About }

// Forward implements seam.Model.
func (n *Speech) Forward(c *seam.Call, in seam.Nodes) seam.Nodes {
	features := graph.TransposeAllAxes(n.Features.Forward(c, in["input_values"]), 0, 2, 1)
	if n.FeatureNorm {
		features = c.Norm(n.At+projectionNorm, features, n.Blocks.Eps)
	}
	x := c.Dropout(c.Linear(n.At+projection, features), n.FeatureDropout)
	mask := n.Features.Mask(x, in["attention_mask"])
	x = n.Augment.Forward(c, x, mask)
	if in["attention_mask"] != nil { // padding is silence to its neighbours
		x = whereFrames(mask, x, graph.ZerosLike(x))
	}
	x = graph.Add(x, n.Position.Forward(c, x))
	x, last := n.run(c, x, mask)
	out := n.Head.Outputs(c, in, last, mask)
	if n.About.Head == Encoder {
		out["last_hidden_state"] = x
		if n.FeatureOutput {
			out["extract_features"] = features
		}
	}
	return out
}

// run gives the encoder's output, and what the head makes its outputs of.
func (n *Speech) run(c *seam.Call, x, mask *seam.Node) (out, forHead *seam.Node) {
	norm := func(x *seam.Node) *seam.Node { return c.Norm(n.At+encoderNorm, x, n.Blocks.Eps) }
	if !n.Blocks.PreNorm {
		x = norm(x)
	}
	x = c.Dropout(x, n.Dropout)
	states := []*seam.Node{x}
	for i := range n.Blocks.Layers {
		x = n.dropped(c, n.Blocks.Block(c, i, x, mask), x)
		states = append(states, x)
	}
	if n.Blocks.PreNorm {
		x = norm(x)
	}
	if n.WeightedSum {
		return x, weighted(states, c.Value(layerWeights))
	}
	return x, x
}

// dropped is a block's output, or its input where a draw leaves the block out.
func (n *Speech) dropped(c *seam.Call, output, input *seam.Node) *seam.Node {
	if !c.Training() || n.LayerDrop == 0 {
		return output
	}
	return graph.Where(graph.BroadcastToShape(c.Keep(n.LayerDrop), output.Shape()), output, input)
}

// weighted is the mean of states by the softmax of weights [states].
func weighted(states []*seam.Node, weights *seam.Node) *seam.Node {
	share := Softmax(weights)
	var sum *seam.Node
	for i, x := range states {
		x = graph.Mul(x, graph.Reshape(graph.Slice(share, graph.AxisElem(i))))
		if sum != nil {
			x = graph.Add(sum, x)
		}
		sum = x
	}
	return sum
}

// whereFrames takes frames of x where the mask [batch, frames] is true, those of y elsewhere.
func whereFrames(mask, x, y *seam.Node) *seam.Node {
	return graph.Where(graph.BroadcastToShape(graph.InsertAxes(mask, -1), x.Shape()), x, y)
}

// frameCounts gives each row's number of frames, int32 [batch], from their mask.
func frameCounts(mask *seam.Node) *seam.Node {
	return graph.ReduceSum(graph.ConvertDType(mask, dtypes.Int32), 1)
}
