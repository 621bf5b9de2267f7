package seam

// Kind says what a site computes, and so which hook a method may put there.
type Kind int

const (
	// Linear is a map y = x Wᵀ + b with a frozen weight [out, in] and perhaps a bias [out].
	Linear Kind = iota
	// Embedding looks rows of a frozen weight [count, width] up.
	Embedding
	// Norm is a norm with a frozen weight [width] and, where it is a layer norm, a bias [width].
	Norm
	// Sublayer is the output of an attention or feed-forward block, before its residual and norm.
	Sublayer
	// Attention is where queries meet keys and values.
	Attention
	// Input is the sequence of input embeddings, before positions are added.
	Input
	// Conv is a convolution with a frozen weight [out, in/groups, kernel…] and perhaps a bias [out]. In and Out count
	// channels; Site.Conv is its geometry.
	Conv
	// WeightNorm is a convolution whose weight is computed from two frozen values, a direction and its norm (Salimans and
	// Kingma 2016, arXiv:1602.07868). No method acts there: a target that means such a module is refused by its path.
	WeightNorm
)

var kindNames = [...]string{"linear", "embedding", "norm", "sublayer", "attention", "input", "convolution", "convolution with weight norm"}

// String gives the kind's name in lower case.
func (k Kind) String() string {
	if k < 0 || int(k) >= len(kindNames) {
		return "unknown"
	}
	return kindNames[k]
}

// Site is one place of a backbone where an adapter may act.
type Site struct {
	// Path is the module's path in transformers, and in the checkpoint but for Alias, as
	// "bert.encoder.layer.0.attention.self.query".
	Path string
	// Alias is another path that the site answers to in targets and in adapters' files, "" for none: the checkpoint's,
	// where transformers calls the module otherwise in memory. Path is the one that is written.
	Alias string
	Kind  Kind
	// Role is the site's part in its block, the same in every family: "query", "key", "value" ("qkv" where one map
	// makes all three), "output" (of attention), "gate", "up" ("gate-up" where one map makes
	// both) and "down" (of the feed-forward), "attention" and
	// "feedforward" (sub-layers and attention), "embedding", "pooler", "head"; "cross-attention" and "cross-query",
	// "cross-key", "cross-value", "cross-output" where a decoder attends to an encoder; "input", and "decoder-input" and
	// "decoder-embedding" where a decoder has its own beside an encoder's.
	Role string
	// Layer is the block's index, -1 outside of blocks. Each stack counts its own from 0.
	Layer int
	// Stack is "encoder" or "decoder" for the sites of an encoder-decoder's two stacks, "" everywhere else.
	Stack string
	// In and Out are the widths of what goes in and comes out; for an Embedding the number of rows and the width.
	In, Out int
	// Scale multiplies what an Embedding gives before it goes into the blocks; 0 means 1.
	Scale float64
	// Heads and HeadDim shape keys and values at an Attention site. Queries may have more heads, which share them.
	Heads, HeadDim int
	// Running marks a Norm that is a batch norm: it keeps running statistics beside its weight and bias. See
	// Call.BatchNorm.
	Running bool
	// Conv is the geometry of a Conv site, nil at others.
	Conv *Convolution
	// OutputEmbedding marks a language-model head, which "all-linear" leaves out.
	OutputEmbedding bool
	// FanInFanOut marks a Linear whose weight transformers keeps as [in, out] (its Conv1D). Here it is [out, in] like
	// every other; files of backbones and adapters have it transformers' way.
	FanInFanOut bool
}
