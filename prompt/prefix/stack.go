package prefix

import (
	"github.com/gopeft/gopeft/peft/seam"
	"github.com/gopeft/gopeft/prompt"
)

// stack is the stack of blocks that a prefix acts on: the only one of a model, or the decoder of an encoder-decoder.
type stack struct {
	input      seam.Site
	attentions []seam.Site // of each block: the attention of the stack to itself
	layers     int         // the number of layers that the prefix has values for
	submodules int
}

// stackOf finds it among the sites of a backbone, or among those where an adapter acts.
func stackOf(info seam.Info, sites []seam.Site) (*stack, error) {
	s, inputs, part := &stack{layers: info.Layers, submodules: 1}, "input", ""
	if prompt.Generates(info) {
		s.submodules, inputs, part = 2, "decoder-input", "decoder"
	}
	var err error
	if s.input, err = prompt.Input(inputs, peftType, info, sites); err != nil {
		return nil, err
	}
	for _, site := range sites {
		switch {
		case site.Kind != seam.Attention || site.Role != "attention":
		case site.Stack == part:
			s.attentions = append(s.attentions, site)
		case part == "":
			return nil, unsupported("an encoder-decoder that writes no text")
		}
	}
	if err := s.check(); err != nil {
		return nil, err
	}
	return s, nil
}

const peftType = "PREFIX_TUNING"

func unsupported(what string) error { return &seam.UnsupportedError{Type: peftType, Option: what} }

// check wants keys and values of the same shape in every layer.
func (s *stack) check() error {
	if len(s.attentions) == 0 {
		return unsupported("a backbone without attention")
	}
	for _, site := range s.attentions {
		if site.Heads != s.attentions[0].Heads || site.HeadDim != s.attentions[0].HeadDim {
			return unsupported("a backbone whose layers have keys of different shapes")
		}
		if site.Layer < 0 || site.Layer >= s.layers {
			return unsupported("a decoder of more layers than the encoder, as at " + site.Path)
		}
	}
	return nil
}

// virtual gives the facts of the model.
func (s *stack) virtual() prompt.Virtual {
	at := s.attentions[0]
	return prompt.Virtual{TokenDim: at.Heads * at.HeadDim, Heads: at.Heads, Layers: s.layers, Submodules: s.submodules}
}

// entry gives the layer of a prefix's values that a block attends to. For an encoder-decoder HF PEFT lists the values
// of all layers twice and gives each block four entries of the list, of which the block reads two.
func entry(info seam.Info, layer int) int {
	if prompt.Generates(info) {
		return 2 * layer % info.Layers
	}
	return layer
}
