package t5

import (
	"github.com/gopeft/gopeft/models/arch"
	"github.com/gopeft/gopeft/peft/seam"
)

// Layout implements arch.EncoderStack and arch.MemoryStack.
func (s *stack) Layout(l *arch.Layout) {
	for i := range s.layers {
		s.attention(l, i, 0, "SelfAttention", "attention", "")
		last := 1
		if s.decodes {
			last = 2
			s.attention(l, i, 1, "EncDecAttention", "cross-attention", "cross-")
		}
		at := s.layer(i, last)
		linear := func(path, role string, in, out int) {
			l.Linear(seam.Site{Path: at + ".DenseReluDense." + path, Role: role, Layer: i, In: in, Out: out}, false)
		}
		l.Place(seam.Site{Path: at, Kind: seam.Sublayer, Role: "feedforward", Layer: i, In: s.hidden, Out: s.hidden})
		if s.gated {
			linear("wi_0", "gate", s.hidden, s.inner)
			linear("wi_1", "up", s.hidden, s.inner)
		} else {
			linear("wi", "up", s.hidden, s.inner)
		}
		linear("wo", "down", s.inner, s.hidden)
		l.Norm(at+".layer_norm", i, s.hidden, false)
	}
	l.Norm(s.path+".final_layer_norm", -1, s.hidden, false)
}

// attention lays a block's sub-layer of attention out; before stands before its linear maps' roles.
func (s *stack) attention(l *arch.Layout, block, layer int, name, role, before string) {
	sub, wide := s.layer(block, layer), s.heads*s.headDim
	at := sub + "." + name
	linear := func(path, role string, in, out int) {
		l.Linear(seam.Site{Path: at + path, Role: before + role, Layer: block, In: in, Out: out}, false)
	}
	l.Place(seam.Site{Path: sub, Kind: seam.Sublayer, Role: role, Layer: block, In: s.hidden, Out: s.hidden})
	l.Place(seam.Site{Path: at, Kind: seam.Attention, Role: role, Layer: block, In: s.hidden, Out: s.hidden, Heads: s.heads, HeadDim: s.headDim})
	linear(".q", "query", s.hidden, wide)
	linear(".k", "key", s.hidden, wide)
	linear(".v", "value", s.hidden, wide)
	linear(".o", "output", wide, s.hidden)
	if block == 0 && layer == 0 {
		l.Embedding(s.biases(), "distances", s.buckets, s.heads)
	}
	l.Norm(sub+".layer_norm", block, s.hidden, false)
}
