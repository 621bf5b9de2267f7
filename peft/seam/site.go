package seam

// Kind says what a site computes, and so which hook a method may put there.
type Kind int

const (
	// Linear is a map y = x Wᵀ + b with a frozen weight [out, in] and perhaps a bias [out].
	Linear Kind = iota
	// Embedding takes rows of a frozen weight [count, width] by their index.
	Embedding
	// Norm is a norm with a frozen weight [width] and, where it is a layer norm, a bias [width].
	Norm
	// Sublayer is the place after attention or the feed-forward, before the residual is added: no module, but where one can
	// be inserted.
	Sublayer
	// Attention is the place where keys and values are ready to be attended to, so that more can be added.
	Attention
	// Input is the place where the token embeddings go into the blocks, before positions are added.
	Input
	// Conv is a convolution with a frozen weight [out, in/groups, kernel…] and perhaps a bias [out]. In and Out count
	// channels; Site.Conv is its geometry.
	Conv
	// WeightNorm is a convolution whose weight is computed from two frozen values, a direction and its norm (Salimans and
	// Kingma 2016, arXiv:1602.07868). No hook acts there: a target that names such a module is refused.
	WeightNorm
	// Block is a whole block of a stack: attention, feed-forward and all that goes with them. It holds no value of its own.
	Block
)

var kindNames = [...]string{"linear", "embedding", "norm", "sublayer", "attention", "input", "convolution", "convolution with weight norm", "block"}

// String gives the kind's name in lower case.
func (k Kind) String() string {
	if k < 0 || int(k) >= len(kindNames) {
		return "unknown"
	}
	return kindNames[k]
}

// Site is one place of a backbone where an adapter may act.
type Site struct {
	// Path is the path of the module in transformers, as "bert.encoder.layer.0.attention.self.query", under which its values
	// stand and adapters' files name it.
	Path string
	// Alias is another path that targets and adapters' files may name the site by: the one in checkpoints, where
	// transformers uses another one in memory. Files are written with Path. "" means that there is none.
	Alias string
	Kind  Kind
	// Role is the site's part in its block, by a name that is the same in every family:
	//
	//   - attention: "query", "key", "value", or "qkv" where one map makes all three, and "output"; where a decoder attends to
	//     an encoder "cross-query", "cross-key", "cross-value", "cross-output"
	//   - feed-forward: "gate", "up", or "gate-up" where one map makes both, and "down"
	//   - places after attention and the feed-forward, and of attention itself: "attention", "feedforward", "cross-attention"
	//   - a block as a whole: "block"
	//   - outside of blocks: "embedding", "pooler", "head", "input"; "decoder-embedding" and "decoder-input" where a decoder has
	//     its own beside an encoder's
	Role string
	// Layer is the index of the block, -1 outside of blocks. The two stacks of an encoder-decoder both count from 0.
	Layer int
	// Stack is "encoder" or "decoder" for the sites of an encoder-decoder's two stacks, "" everywhere else.
	Stack string
	// In and Out are the widths of what goes in and comes out; for an Embedding the number of rows and the width.
	In, Out int
	// Scale is a factor by which the model multiplies what an Embedding gives, as Gemma does, so that a method that replaces
	// token embeddings knows it; 0 means 1.
	Scale float64
	// Heads and HeadDim are the number and width of the heads of keys and values at an Attention site. Queries may have more
	// heads, several of which then share one of these.
	Heads, HeadDim int
	// Running says that a Norm is a batch norm, which has running statistics beside its weight and bias; see Call.BatchNorm.
	Running bool
	// Conv is the geometry of a Conv site, nil at others.
	Conv *Convolution
	// OutputEmbedding says that a Linear is the output layer of a language model, which the target "all-linear" leaves out.
	OutputEmbedding bool
	// FanInFanOut says that transformers has the weight of this Linear as [in, out] (its Conv1D, in GPT-2), and so have files
	// of backbones and adapters. In memory it is [out, in] here, like any other.
	FanInFanOut bool
}

// Points gives how many places of its input a Conv site reads for one of its output: the size of its kernel. At others it is 1.
func (s Site) Points() int {
	n := 1
	if s.Conv != nil {
		for _, k := range s.Conv.Kernel {
			n *= k
		}
	}
	return n
}
