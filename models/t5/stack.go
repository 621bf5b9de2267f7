package t5

import (
	"strconv"

	"github.com/gomlx/gomlx/core/graph"

	"github.com/gopeft/gopeft/models/arch"
	"github.com/gopeft/gopeft/peft"
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
	activation                            func(*peft.Node) *peft.Node
}

type encoderStack struct{ stack }

type decoderStack struct{ stack }

// Forward implements arch.EncoderStack.
func (s *encoderStack) Forward(c *peft.Call, seq peft.Sequence) *peft.Node { return s.run(c, seq, nil) }

// Forward implements arch.MemoryStack.
func (s *decoderStack) Forward(c *peft.Call, seq peft.Sequence, from arch.Memory) *peft.Node {
	return s.run(c, seq, &from)
}

// layer is the path of a block's sub-layer.
func (s *stack) layer(block, i int) string {
	return s.path + ".block." + strconv.Itoa(block) + ".layer." + strconv.Itoa(i)
}

func (s *stack) run(c *peft.Call, seq peft.Sequence, from *arch.Memory) *peft.Node {
	x := c.Dropout(seq.Embeds, s.dropout)
	bias := s.newBias(c)
	for i := range s.layers {
		x = s.sublayer(c, s.layer(i, 0), x, func(x *peft.Node) *peft.Node {
			return s.selfAttention(c, s.layer(i, 0)+".SelfAttention", x, seq.Mask, bias)
		})
		last := 1
		if from != nil {
			last = 2
			x = s.sublayer(c, s.layer(i, 1), x, func(x *peft.Node) *peft.Node {
				return s.crossAttention(c, s.layer(i, 1)+".EncDecAttention", x, *from)
			})
		}
		x = s.sublayer(c, s.layer(i, last), x, func(x *peft.Node) *peft.Node {
			return s.feedForward(c, s.layer(i, last)+".DenseReluDense", x)
		})
	}
	return c.Dropout(c.RMSNorm(s.path+".final_layer_norm", x, s.eps), s.dropout)
}

func (s *stack) sublayer(c *peft.Call, at string, x *peft.Node, f func(*peft.Node) *peft.Node) *peft.Node {
	normed := c.RMSNorm(at+".layer_norm", x, s.eps)
	return arch.ResidualAt(c, at, x, normed, func(x *peft.Node) *peft.Node { return c.Dropout(f(x), s.dropout) })
}

func (s *stack) selfAttention(c *peft.Call, at string, x, mask *peft.Node, bias *bias) *peft.Node {
	q := arch.Split(c.Linear(at+".q", x), s.heads)
	kv := c.Attention(at, peft.KV{K: arch.Split(c.Linear(at+".k", x), s.heads), V: arch.Split(c.Linear(at+".v", x), s.heads), Mask: mask})
	b := bias.of(q, kv)
	if s.decodes {
		return c.Linear(at+".o", arch.CausalAttend(c, q, kv, arch.CausalOptions{Scale: 1, Dropout: s.dropout, Bias: b, Blind: true}))
	}
	return c.Linear(at+".o", arch.Attend(c, q, kv, arch.AttentionOptions{Scale: 1, Dropout: s.dropout, Bias: b}))
}

func (s *stack) crossAttention(c *peft.Call, at string, x *peft.Node, from arch.Memory) *peft.Node {
	q := arch.Split(c.Linear(at+".q", x), s.heads)
	kv := c.Memory(at, func() peft.KV { return from.Keys(c, at+".k", at+".v", s.heads) })
	return c.Linear(at+".o", arch.Attend(c, q, kv, arch.AttentionOptions{Scale: 1, Dropout: s.dropout}))
}

func (s *stack) feedForward(c *peft.Call, at string, x *peft.Node) *peft.Node {
	var y *peft.Node
	if s.gated {
		y = graph.Mul(s.activation(c.Linear(at+".wi_0", x)), c.Linear(at+".wi_1", x))
	} else {
		y = s.activation(c.Linear(at+".wi", x))
	}
	return c.Linear(at+".wo", c.Dropout(y, s.dropout))
}
