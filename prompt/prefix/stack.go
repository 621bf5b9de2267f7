package prefix

import (
	"github.com/gopeft/gopeft/peft"
	"github.com/gopeft/gopeft/prompt"
)

// stack is where a prefix acts: on the only stack of blocks.
type stack struct {
	input      peft.Site
	attentions []peft.Site
	layers     int
}

// stackOf finds it among the sites of a backbone, or among those of an adapter.
func stackOf(info peft.Info, sites []peft.Site) (*stack, error) {
	input, err := prompt.Input("PREFIX_TUNING", info, sites)
	if err != nil {
		return nil, err
	}
	s := &stack{input: input, layers: info.Layers}
	for _, site := range sites {
		if site.Kind == peft.Attention {
			s.attentions = append(s.attentions, site)
		}
	}
	if err := s.check(); err != nil {
		return nil, err
	}
	return s, nil
}

// check wants every layer to have its keys and values, of the same shape.
func (s *stack) check() error {
	unsupported := func(what string) error {
		return &peft.UnsupportedError{Type: "PREFIX_TUNING", Option: "a backbone " + what}
	}
	if len(s.attentions) == 0 {
		return unsupported("without attention")
	}
	for _, site := range s.attentions {
		if site.Heads != s.attentions[0].Heads || site.HeadDim != s.attentions[0].HeadDim {
			return unsupported("whose layers have keys of different shapes")
		}
		if site.Layer < 0 || site.Layer >= s.layers {
			return unsupported("whose attention at " + site.Path + " belongs to no layer")
		}
	}
	return nil
}

// virtual are the backbone's fields.
func (s *stack) virtual() prompt.Virtual {
	at := s.attentions[0]
	return prompt.Virtual{TokenDim: at.Heads * at.HeadDim, Heads: at.Heads, Layers: s.layers, Submodules: 1}
}
