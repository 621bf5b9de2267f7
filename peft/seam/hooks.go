package seam

// WeightHook is implemented by methods that change a site's map itself: the weight W becomes W' = f(W, values), or the result
// y becomes g(y) with a linear g. The one statement serves Linear, Conv and Embedding sites, the forward pass, merging, and
// the conversion to a plain LoRA. Where a method has a LinearHook, ConvHook or EmbeddingHook as well, as one that draws random
// numbers while it trains, that one computes the forward pass at sites of its kind.
type WeightHook interface {
	// Weight gives what the site computes with the adapter: its map, of maps that At makes, and its bias. w is what it
	// computes as it stands without this adapter. It is called for each graph once at each site. Graph-building.
	Weight(at *At, w Affine) Affine
}

// LinearHook is implemented by methods that change linear maps, as LoRA does.
type LinearHook interface {
	// Linear computes the map of x [batch, …, in] with the adapter: [batch, …, out]. next computes it as it stands without
	// this adapter, with its bias and with adapters that act before. Graph-building.
	Linear(at *At, x *Node, next func(x *Node) *Node) *Node
}

// ConvHook is implemented by methods that change convolutions.
type ConvHook interface {
	// Conv computes the convolution of x [batch, in, …] with the adapter: [batch, out, …]. next computes it as it stands
	// without this adapter, with its bias and with adapters that act before. Graph-building.
	Conv(at *At, x *Node, next func(x *Node) *Node) *Node
}

// EmbeddingHook is implemented by methods that change embeddings.
type EmbeddingHook interface {
	// Embedding looks integer ids [batch, sequence] up with the adapter: [batch, sequence, width]. next looks them up as
	// without this adapter. Graph-building.
	Embedding(at *At, ids *Node, next func(ids *Node) *Node) *Node
}

// SublayerHook is implemented by methods that insert a module after attention or the feed-forward, as bottleneck adapters do.
type SublayerHook interface {
	// Sublayer gives the output of the block with the adapter, for its output h [batch, sequence, hidden] without it. The
	// residual and, in post-norm models, the norm follow. Graph-building.
	Sublayer(at *At, io SublayerIO, h *Node) *Node
}

// BlockHook is implemented by methods that act around whole blocks, as one with a state that goes along from block to block.
type BlockHook interface {
	// Enter gives what goes into the block in place of x [batch, sequence, hidden]. Graph-building.
	Enter(at *At, x *Node) *Node
	// Leave gives what the block is to give in place of y [batch, sequence, hidden]. It is called behind Enter of the same block
	// and in front of that of the next. Graph-building.
	Leave(at *At, y *Node) *Node
}

// AttentionHook is implemented by methods that add keys and values, as prefix tuning does.
type AttentionHook interface {
	// Attention gives the keys and values to attend to. Those that it adds stand in front of kv's, in K, V and Mask alike.
	// Graph-building.
	Attention(at *At, kv KV) KV
}

// InputHook is implemented by methods that put virtual tokens in front of the input, as prompt tuning does, or shift its
// positions.
type InputHook interface {
	// Input gives the input of the blocks. Columns that it adds stand in front, in Embeds, in Mask and, where it is not
	// nil, in Types, and are counted in Virtual. Graph-building.
	Input(at *At, in Sequence) Sequence
}

// SublayerIO is what a SublayerHook may need beside the block's output. All are [batch, sequence, hidden].
type SublayerIO struct {
	X        *Node             // the block's input; normalised, in a pre-norm model
	Residual *Node             // what will be added to the output
	Norm     func(*Node) *Node // the norm that follows in a post-norm model, nil in a pre-norm one
}

// KV is what attention attends to: keys and values.
type KV struct {
	K, V *Node // [batch, columns, heads, width]
	Mask *Node // bool [batch, columns], true where a column may be attended to
	// Start is the column of K that belongs to the first query, an int32 scalar. nil means that the queries belong to the
	// last columns, as they do when whole texts are read. Hooks leave it alone: the Call moves it by what they add in front.
	Start *Node
	// Apart counts columns that a hook added in front and that take no positions of their own on the queries' side. It
	// matters only to models whose attention depends on the distance between a query and a key, such as T5: there the text's
	// keys then count as that many columns later than its queries, as with AdapterHub's prefixes. Which keys a query may see
	// does not depend on it. 0 is the ordinary case.
	Apart int
}
