package seam

import (
	"fmt"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/graph"
)

// Linear asks for the linear map at a site: x [batch, …, in] to [batch, …, out].
func (c *Call) Linear(path string, x *Node) *Node {
	site := c.site(path)
	return c.mix(site, func(slots []*slot) *Node { return c.affine(site, slots).compute(c, site, x) })
}

// frozenLinear is the map without hooks.
func (c *Call) frozenLinear(slots []*slot, path string, x *Node, bias bool) *Node {
	w, byRow := swapped(slots, path+".weight")
	if w == nil {
		w = widenFor(x, c.held(path+".weight"))
	}
	y := dense(x, w, byRow)
	if !bias || !c.Has(path+".bias") {
		return y
	}
	b, byRow := c.valueIn(slots, path+".bias")
	return graph.Add(y, spread(b, y, byRow))
}

// Embedding asks for the embeddings of ids [batch, sequence] at a site: [batch, sequence, width].
func (c *Call) Embedding(path string, ids *Node) *Node {
	site := c.site(path)
	return c.mix(site, func(slots []*slot) *Node { return c.affine(site, slots).compute(c, site, ids) })
}

// frozenEmbedding is the lookup without hooks.
func (c *Call) frozenEmbedding(slots []*slot, path string, ids *Node) *Node {
	w, byRow := swapped(slots, path+".weight")
	if w == nil {
		w = c.held(path + ".weight")
	}
	rows := lookup(w, ids, byRow) // of which few are widened
	if narrow(rows) {
		rows = graph.ConvertDType(rows, dtypes.Float32)
	}
	return rows
}

// Norm asks for the layer normalisation at a site, over the last axis of x, with its weight and bias.
func (c *Call) Norm(path string, x *Node, eps float64) *Node {
	return c.mix(c.site(path), func(slots []*slot) *Node {
		mean := graph.ReduceAndKeep(x, graph.ReduceMean, -1)
		centred := graph.Sub(x, mean)
		variance := graph.ReduceAndKeep(graph.Square(centred), graph.ReduceMean, -1)
		y := graph.Mul(centred, graph.Reciprocal(graph.Sqrt(graph.AddScalar(variance, eps))))
		w, byRow := c.valueIn(slots, path+".weight")
		y = graph.Mul(y, spread(w, y, byRow))
		b, byRow := c.valueIn(slots, path+".bias")
		return graph.Add(y, spread(b, y, byRow))
	})
}

// RMSNorm asks for the normalisation at a site that divides x by the root of its mean square over the last axis and scales
// it by the weight (Zhang and Sennrich 2019, arXiv:1910.07467).
func (c *Call) RMSNorm(path string, x *Node, eps float64) *Node {
	return c.rmsNorm(path, x, eps, 0)
}

// RMSNormLessOne is RMSNorm for models that scale by 1 + weight, as Gemma does.
func (c *Call) RMSNormLessOne(path string, x *Node, eps float64) *Node {
	return c.rmsNorm(path, x, eps, 1)
}

func (c *Call) rmsNorm(path string, x *Node, eps, offset float64) *Node {
	return c.mix(c.site(path), func(slots []*slot) *Node {
		square := graph.ReduceAndKeep(graph.Square(x), graph.ReduceMean, -1)
		y := graph.Mul(x, graph.Reciprocal(graph.Sqrt(graph.AddScalar(square, eps))))
		w, byRow := c.valueIn(slots, path+".weight")
		if offset != 0 {
			w = graph.AddScalar(w, offset)
		}
		return graph.Mul(y, spread(w, y, byRow))
	})
}

// Sublayer asks for what adapters insert after attention or the feed-forward: it gives the block's output h as they change
// it, before the residual is added.
func (c *Call) Sublayer(path string, io SublayerIO, h *Node) *Node {
	site := c.site(path)
	return c.mix(site, func(slots []*slot) *Node {
		h := h
		for _, s := range slots {
			if hook, ok := s.method.(SublayerHook); ok && s.sites[path] {
				h = hook.Sublayer(&At{Call: c, Site: site, slot: s, below: slots}, io, h)
			}
		}
		return h
	})
}

// EnterBlock asks for what adapters make of a block's input x [batch, sequence, hidden]. A model that asks for it asks for
// LeaveBlock behind the block too.
func (c *Call) EnterBlock(path string, x *Node) *Node {
	return c.blockHooks(path, x, BlockHook.Enter)
}

// LeaveBlock asks for what adapters make of a block's output y [batch, sequence, hidden].
func (c *Call) LeaveBlock(path string, y *Node) *Node {
	return c.blockHooks(path, y, BlockHook.Leave)
}

func (c *Call) blockHooks(path string, x *Node, call func(BlockHook, *At, *Node) *Node) *Node {
	site := c.site(path)
	return c.mix(site, func(slots []*slot) *Node {
		x := x
		for _, s := range slots {
			if hook, ok := s.method.(BlockHook); ok && s.sites[path] {
				x = call(hook, &At{Call: c, Site: site, slot: s, below: slots}, x)
			}
		}
		return x
	})
}

// Attention asks for the keys and values that a model is to attend to: its own, kv, behind those that adapters add. When
// text is written they follow those of the tokens before. Adapters that add keys can't be averaged, nor differ from row to
// row: the error matches ErrUnsupported.
func (c *Call) Attention(path string, kv KV) KV {
	if c.step != nil {
		kv = c.step.attention(path, kv)
	}
	return c.attentionHooks(path, kv)
}

// Memory asks for the keys and values by which a decoder attends to an encoder; make computes them from the encoder's output.
// When text is written they are computed for the first token and kept, so that make is not called for later ones.
func (c *Call) Memory(path string, make func() KV) KV {
	if c.step != nil {
		return c.attentionHooks(path, c.step.remember(path, make))
	}
	return c.attentionHooks(path, make())
}

func (c *Call) attentionHooks(path string, kv KV) KV {
	site := c.site(path)
	start, columns := kv.Start, kv.K.Shape().Dimensions[1]
	for _, s := range c.only(path) {
		if hook, ok := s.method.(AttentionHook); ok {
			kv = hook.Attention(&At{Call: c, Site: site, slot: s}, kv)
		}
	}
	if kv.Start = start; start != nil {
		kv.Start = graph.AddScalar(start, float64(kv.K.Shape().Dimensions[1]-columns))
	}
	return kv
}

// Input asks for the input of the blocks: the token embeddings, before positions are added, behind the virtual tokens that
// adapters put in front.
func (c *Call) Input(path string, in Sequence) Sequence {
	hooks := func(in Sequence) Sequence {
		site := c.site(path)
		for _, s := range c.only(path) {
			if hook, ok := s.method.(InputHook); ok {
				in = hook.Input(&At{Call: c, Site: site, slot: s}, in)
			}
		}
		return in
	}
	if c.step != nil {
		in = c.step.input(in, hooks)
	} else {
		in = hooks(in)
	}
	c.virtual, c.sequence = in.Virtual, in
	return in
}

// only gives the slots that act at a site where branches can't be told apart.
func (c *Call) only(path string) []*slot {
	var out []*slot
	for _, b := range c.branches {
		for _, s := range b.slots {
			if s.sites[path] {
				out = append(out, s)
			}
		}
	}
	if len(out) > 0 && (len(c.branches) > 1 || c.rows != nil) {
		panic(fmt.Errorf("%w: adapters that add columns at %s can't be averaged or mixed by rows", ErrUnsupported, path))
	}
	return out
}
