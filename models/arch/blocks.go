package arch

import (
	"github.com/gomlx/gomlx/core/graph"

	"github.com/gopeft/gopeft/peft/seam"
)

// EncoderBlocks is a stack of transformer encoder layers (Vaswani et al. 2017, arXiv:1706.03762). Each layer is attention
// over the sequence and a feed-forward, both with a residual and a norm. Families differ in the layers' names, in where norms
// stand, and in what dropout acts on.
type EncoderBlocks struct {
	Names BlockNames
	// Prefix of the blocks' paths, which the index follows: "bert.encoder.layer.".
	Prefix                       string
	Layers, Hidden, Heads, Inner int
	Eps                          float64
	// PreNorm puts norms in front of a sub-layer; else they stand behind its residual, as in the paper.
	PreNorm bool
	// Causal lets a token attend to itself and those before it alone.
	Causal     bool
	Activation func(*seam.Node) *seam.Node
	// Dropout shares while training: of attention's probabilities, of the activation in the feed-forward, and of both
	// sub-layers' outputs.
	AttentionDropout, InnerDropout, OutputDropout, DownDropout float64
}

// BlockNames are the paths of a block's parts, as they follow that of the block.
type BlockNames struct {
	Attention         string // where queries meet keys
	Query, Key, Value string
	Output            SublayerNames // of attention
	Up                string
	Down              SublayerNames // of the feed-forward
	// QueryLast says that transformers' class makes the query's map after the key's and the value's. What is drawn target by
	// target in the model's order, as UniLoRA's places are, comes out as in HF PEFT only in the same order.
	QueryLast bool
}

// SublayerNames are the paths at the end of a block's attention or feed-forward: the place where adapters can be inserted, the
// last linear map, and the norm.
type SublayerNames struct{ Path, Dense, Norm string }

// Forward runs the blocks on x [batch, sequence, hidden]; tokens attend to those where the mask [batch, sequence] is
// true. Graph-building.
func (e *EncoderBlocks) Forward(c *seam.Call, x, mask *seam.Node) *seam.Node {
	for i := range e.Layers {
		x = e.Block(c, i, x, mask)
	}
	return x
}

// Block runs block i. Graph-building.
func (e *EncoderBlocks) Block(c *seam.Call, i int, x, mask *seam.Node) *seam.Node {
	n := e.names(i)
	return e.feedForward(c, n, e.selfAttention(c, n, x, mask))
}

func (e *EncoderBlocks) selfAttention(c *seam.Call, n BlockNames, x, mask *seam.Node) *seam.Node {
	return e.sublayer(c, n.Output, e.OutputDropout, x, func(x *seam.Node) *seam.Node {
		q := Split(c.Linear(n.Query, x), e.Heads)
		kv := c.Attention(n.Attention, seam.KV{
			K: Split(c.Linear(n.Key, x), e.Heads), V: Split(c.Linear(n.Value, x), e.Heads), Mask: mask,
		})
		if e.Causal {
			return CausalAttend(c, q, kv, CausalOptions{Dropout: e.AttentionDropout})
		}
		return Attend(c, q, kv, AttentionOptions{Dropout: e.AttentionDropout})
	})
}

func (e *EncoderBlocks) feedForward(c *seam.Call, n BlockNames, x *seam.Node) *seam.Node {
	return e.sublayer(c, n.Down, e.DownDropout, x, func(x *seam.Node) *seam.Node {
		return c.Dropout(e.Activation(c.Linear(n.Up, x)), e.InnerDropout)
	})
}

// sublayer is f, its projection, adapters and the residual, with the norm in front of all or behind.
func (e *EncoderBlocks) sublayer(c *seam.Call, n SublayerNames, dropout float64, residual *seam.Node, f func(*seam.Node) *seam.Node) *seam.Node {
	norm := func(x *seam.Node) *seam.Node { return c.Norm(n.Norm, x, e.Eps) }
	io := seam.SublayerIO{X: residual, Residual: residual, Norm: norm}
	if e.PreNorm {
		io.X, io.Norm = norm(residual), nil
	}
	h := c.Dropout(c.Linear(n.Dense, f(io.X)), dropout)
	x := graph.Add(c.Sublayer(n.Path, io, h), residual)
	if e.PreNorm {
		return x
	}
	return norm(x)
}
