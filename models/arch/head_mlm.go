package arch

import "github.com/gopeft/gopeft/peft/seam"

// MaskedHead guesses the tokens that a masked language model does not see: "logits" [batch, sequence, vocabulary]. It is a
// linear map, an activation, a norm, and a linear map to the vocabulary whose weight is that of the token embeddings.
type MaskedHead struct {
	Transform, Norm, Decoder string // paths
	// Bias is the path of the value that the decoder's bias is tied to; "" where the decoder has its own.
	Bias string
	// Words is the path of the weight that the decoder's is tied to.
	Words         string
	Hidden, Vocab int
	Eps           float64
	Activation    func(*seam.Node) *seam.Node
}

// Sites implements Head.
func (h *MaskedHead) Sites() []seam.Site {
	return append(h.transform(),
		seam.Site{Path: h.Decoder, Kind: seam.Linear, Role: "head", Layer: -1, In: h.Hidden, Out: h.Vocab, OutputEmbedding: true})
}

func (h *MaskedHead) transform() []seam.Site {
	return []seam.Site{
		headSite(h.Transform, h.Hidden, h.Hidden),
		{Path: h.Norm, Kind: seam.Norm, Role: "norm", Layer: -1, In: h.Hidden, Out: h.Hidden},
	}
}

// Values implements Head.
func (h *MaskedHead) Values() []Value {
	bias := h.Decoder + ".bias"
	own, tied := bias, []Value{{Path: h.Decoder + ".weight", Tied: h.Words}}
	if h.Bias != "" {
		own, tied = h.Bias, append(tied, Value{Path: bias, Tied: h.Bias})
	}
	out := append(SiteValues(h.transform()), Value{Path: own, Shape: []int{h.Vocab}})
	return append(AsHead(out), tied...)
}

// Outputs implements Head.
func (h *MaskedHead) Outputs(c *seam.Call, in seam.Nodes, x, _ *seam.Node) seam.Nodes {
	x = c.Norm(h.Norm, h.Activation(c.Linear(h.Transform, x)), h.Eps)
	return tokenOutputs(c.Linear(h.Decoder, x), in["labels"])
}
