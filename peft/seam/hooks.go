package seam

// LinearHook acts on linear maps. next is the map as it stands without this adapter, its bias included.
type LinearHook interface {
	Linear(at *At, x *Node, next func(x *Node) *Node) *Node
}

// ConvHook acts on convolutions; x is [batch, channels, …]. next is the map as it stands without this adapter, its bias
// included.
type ConvHook interface {
	Conv(at *At, x *Node, next func(x *Node) *Node) *Node
}

// EmbeddingHook acts on embeddings; ids are integers [batch, sequence].
type EmbeddingHook interface {
	Embedding(at *At, ids *Node, next func(ids *Node) *Node) *Node
}

// SublayerHook acts on the output h of an attention or feed-forward block before its residual and norm.
type SublayerHook interface {
	Sublayer(at *At, io SublayerIO, h *Node) *Node
}

// AttentionHook acts on keys and values.
type AttentionHook interface {
	Attention(at *At, kv KV) KV
}

// InputHook acts on the sequence of embeddings.
type InputHook interface {
	Input(at *At, in Sequence) Sequence
}

// SublayerIO is what stands around a sub-layer. X is its input (normed, in a pre-norm model); Residual is what will
// be added; Norm is the layer's own norm in post-norm models, nil in pre-norm ones.
type SublayerIO struct {
	X, Residual *Node
	Norm        func(*Node) *Node
}

// KV are keys and values [batch, sequence, heads, width], and a mask [batch, sequence] that is true where they may be
// attended to.
type KV struct {
	K, V, Mask *Node
	// Start is the column of the keys at which the first query stands, an int32 scalar; nil means that the queries are
	// the last columns. Hooks may put columns in front; the call sees to it.
	Start *Node
	// Apart counts columns in front that shift keys but not queries where a family's attention goes by the distance
	// between them, as AdapterHub's prefixes do in T5. Causality is not touched.
	Apart int
}
