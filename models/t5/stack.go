package t5

import (
	"strconv"

	"github.com/gomlx/gomlx/core/graph"

	"github.com/gopeft/gopeft/models/arch"
	"github.com/gopeft/gopeft/peft/seam"
)

// stack is one of T5's two: pre-norm blocks without biases, whose attention adds a learned bias for each distance
// between columns, and a last norm.
type stack struct {
	path                                  string // "encoder" or "decoder"
	decodes                               bool
	layers, hidden, inner, heads, headDim int
	buckets, farthest                     int // of distances
	eps, dropout                          float64
	gated                                 bool
	activation                            func(*seam.Node) *seam.Node
}

type encoderStack struct{ stack }

type decoderStack struct{ stack }

// Forward implements arch.EncoderStack.
func (s *encoderStack) Forward(c *seam.Call, seq seam.Sequence) *seam.Node { return s.run(c, seq, nil) }

// Forward implements arch.MemoryStack.
func (s *decoderStack) Forward(c *seam.Call, seq seam.Sequence, from arch.Memory) *seam.Node {
	return s.run(c, seq, &from)
}

// layer is the path of a block's sub-layer.
func (s *stack) layer(block, i int) string {
	return s.path + ".block." + strconv.Itoa(block) + ".layer." + strconv.Itoa(i)
}

func (s *stack) run(c *seam.Call, seq seam.Sequence, from *arch.Memory) *seam.Node {
	x := c.Dropout(seq.Embeds, s.dropout)
	bias := s.newBias(c)
	for i := range s.layers {
		x = s.sublayer(c, s.layer(i, 0), x, func(x *seam.Node) *seam.Node {
			return s.selfAttention(c, s.layer(i, 0)+".SelfAttention", x, seq.Mask, bias)
		})
		last := 1
		if from != nil {
			last = 2
			x = s.sublayer(c, s.layer(i, 1), x, func(x *seam.Node) *seam.Node {
				return s.crossAttention(c, s.layer(i, 1)+".EncDecAttention", x, *from)
			})
		}
		x = s.sublayer(c, s.layer(i, last), x, func(x *seam.Node) *seam.Node {
			return s.feedForward(c, s.layer(i, last)+".DenseReluDense", x)
		})
	}
	return c.Dropout(c.RMSNorm(s.path+".final_layer_norm", x, s.eps), s.dropout)
}

func (s *stack) sublayer(c *seam.Call, at string, x *seam.Node, f func(*seam.Node) *seam.Node) *seam.Node {
	normed := c.RMSNorm(at+".layer_norm", x, s.eps)
	return arch.ResidualAt(c, at, x, normed, func(x *seam.Node) *seam.Node { return c.Dropout(f(x), s.dropout) })
}

func (s *stack) selfAttention(c *seam.Call, at string, x, mask *seam.Node, bias *bias) *seam.Node {
	q := arch.Split(c.Linear(at+".q", x), s.heads)
	kv := c.Attention(at, seam.KV{K: arch.Split(c.Linear(at+".k", x), s.heads), V: arch.Split(c.Linear(at+".v", x), s.heads), Mask: mask})
	b := bias.of(q, kv)
	if s.decodes {
		return c.Linear(at+".o", arch.CausalAttend(c, q, kv, arch.CausalOptions{Scale: 1, Dropout: s.dropout, Bias: b, Blind: true}))
	}
	return c.Linear(at+".o", arch.Attend(c, q, kv, arch.AttentionOptions{Scale: 1, Dropout: s.dropout, Bias: b}))
}

func (s *stack) crossAttention(c *seam.Call, at string, x *seam.Node, from arch.Memory) *seam.Node {
	q := arch.Split(c.Linear(at+".q", x), s.heads)
	kv := c.Memory(at, func() seam.KV { return from.Keys(c, at+".k", at+".v", s.heads) })
	return c.Linear(at+".o", arch.Attend(c, q, kv, arch.AttentionOptions{Scale: 1, Dropout: s.dropout}))
}

func (s *stack) feedForward(c *seam.Call, at string, x *seam.Node) *seam.Node {
	var y *seam.Node
	if s.gated {
		y = graph.Mul(s.activation(c.Linear(at+".wi_0", x)), c.Linear(at+".wi_1", x))
	} else {
		y = s.activation(c.Linear(at+".wi", x))
	}
	return c.Linear(at+".wo", c.Dropout(y, s.dropout))
}
