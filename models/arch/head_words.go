package arch

import (
	"github.com/gomlx/gomlx/core/graph"

	"github.com/gopeft/gopeft/peft/seam"
)

// WordsHead is that of an encoder-decoder: it predicts the target's tokens, "logits" [batch, columns, vocabulary]. Where an
// adapter puts virtual tokens in front of the target, they have columns too, as in HF PEFT. Labels [batch, tokens] are the
// tokens themselves: label i is what column i should predict.
type WordsHead struct {
	Path string // of the linear map, as "lm_head"
	// Words is the path of the weight that the map's is tied to, "" where it has its own.
	Words string
	// Bias is the path of a value [1, vocabulary] that is added to the logits where the checkpoint has it; "" for none.
	Bias          string
	Hidden, Vocab int
	Scale         float64 // of the hidden states
}

// Sites implements Head.
func (h *WordsHead) Sites() []seam.Site {
	return []seam.Site{{Path: h.Path, Kind: seam.Linear, Role: "head", Layer: -1, In: h.Hidden, Out: h.Vocab, OutputEmbedding: true}}
}

// Values implements Head.
func (h *WordsHead) Values() []Value {
	weight := Value{Path: h.Path + ".weight", Tied: h.Words}
	if h.Words == "" {
		weight = Value{Path: h.Path + ".weight", Shape: []int{h.Vocab, h.Hidden}, Head: true}
	}
	if h.Bias == "" {
		return []Value{weight}
	}
	return []Value{{Path: h.Bias, Shape: []int{1, h.Vocab}, Zeros: true, Optional: true, Buffer: true}, weight}
}

// Outputs implements Head.
func (h *WordsHead) Outputs(c *seam.Call, in seam.Nodes, x, _ *seam.Node) seam.Nodes {
	x = c.Latest(x)
	if h.Scale != 1 {
		x = graph.MulScalar(x, h.Scale)
	}
	logits := c.Linear(h.Path, x)
	if h.Bias != "" && c.Has(h.Bias) {
		bias := c.Value(h.Bias)
		logits = graph.Add(logits, graph.BroadcastToShape(graph.Reshape(bias, 1, 1, h.Vocab), logits.Shape()))
	}
	return tokenOutputs(logits, in["labels"])
}
