package arch

import (
	"github.com/gopeft/gopeft/peft"
)

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
	Activation    func(*peft.Node) *peft.Node
}

// Sites implements Head.
func (h *MaskedHead) Sites() []peft.Site {
	return append(h.transform(),
		peft.Site{Path: h.Decoder, Kind: peft.Linear, Role: "head", Layer: -1, In: h.Hidden, Out: h.Vocab, OutputEmbedding: true})
}

func (h *MaskedHead) transform() []peft.Site {
	return []peft.Site{
		headSite(h.Transform, h.Hidden, h.Hidden),
		{Path: h.Norm, Kind: peft.Norm, Role: "norm", Layer: -1, In: h.Hidden, Out: h.Hidden},
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
func (h *MaskedHead) Outputs(c *peft.Call, in peft.Nodes, x, _ *peft.Node) peft.Nodes {
	x = c.Norm(h.Norm, h.Activation(c.Linear(h.Transform, x)), h.Eps)
	return tokenOutputs(c.Linear(h.Decoder, x), in["labels"])
}
