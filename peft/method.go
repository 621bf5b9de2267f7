package peft

import (
	"cmp"
	"math/rand/v2"

	"github.com/gopeft/gopeft/internal/safetensors"
)

// Method is a validated technique. It knows no model: Plan meets the sites of one, and everything else it can do is
// told by the hooks and abilities below, found by type assertion. A Method is immutable.
type Method interface {
	// Plan says which sites the method acts on and which values it keeps there.
	Plan(*Blueprint) (*Plan, error)
	// GraphKey names every setting that is baked into the graph (not shapes, not values, not what is fed as Const).
	// Two adapters with equal keys and equal shapes share compiled programs.
	GraphKey() string
}

// Plan is what a method does to one backbone.
type Plan struct {
	Sites   []string // paths where its hooks are called
	Params  []Param
	Targets Targets // target_modules as resolved, for the adapter's file; the zero value keeps the config's
	// Alone says that, whatever Rower has, these formulas take no row axis.
	Alone bool
}

// Param is one value of an adapter, always float32.
type Param struct {
	Site string // the site's path, "" for a value of the whole adapter
	Name string // under the site, as "lora_A.weight"
	Key  string // in the adapter's file; "" means "base_model.model." + Site + "." + Name
	// Alias is what HF PEFT calls the value while it trains, where its file has it under another key, as
	// "prompt_encoder.embedding.weight"; "" for none. Adapter.Set and Adapter.Value take either.
	Alias string
	Shape []int
	// Fill is the neutral value: what rows without this adapter see, what pads a smaller rank, and the first value
	// where Init is nil.
	Fill float32
	// Init draws the first values; nil means Fill.
	Init func(r *rand.Rand, out []float32)
	// Const values are fed to the graph but neither trained nor saved, such as alpha/r. nil means an ordinary value.
	Const []float32
	// Frozen values are saved but not trained.
	Frozen bool
	// Moving values are saved and follow the forward passes of training instead of a gradient; see TrainStatistics.
	Moving bool
	// Replaces is the path of the frozen value this one stands for, as "classifier.weight"; it starts as its copy.
	Replaces string
	// Swapped tells that the value has its two axes the other way round than the frozen one that it replaces: as files
	// have both, see Site.FanInFanOut.
	Swapped bool
	// InPlace tells a Replaces that changes the module itself (a trained bias) from a copy beside it
	// (modules_to_save), which counts as a parameter more.
	InPlace bool

	saved string // of a copy for modules_to_save: the module's path
}

// Trains reports whether a trainer changes the value.
func (p *Param) Trains() bool { return p.Const == nil && !p.Frozen && !p.Moving }

// FileKey is the value's key in the adapter's file.
func (p *Param) FileKey() string {
	switch {
	case p.Key != "":
		return p.Key
	case p.Site == "":
		return "base_model.model." + p.Name
	}
	return "base_model.model." + p.Site + "." + p.Name
}

// TrainKey is the value's key while it trains: its Alias, or that of the file.
func (p *Param) TrainKey() string { return cmp.Or(p.Alias, p.FileKey()) }

// is reports whether a key means the value.
func (p *Param) is(key string) bool {
	return p.Const == nil && (key == p.FileKey() || key == p.TrainKey())
}

// laidOut gives a frozen value as the one that replaces it is laid out, and the reverse.
func (p *Param) laidOut(t *Tensor) (*Tensor, error) {
	if !p.Swapped {
		return t, nil
	}
	return safetensors.Transpose(t)
}

func (p *Param) size() int {
	n := 1
	for _, d := range p.Shape {
		n *= d
	}
	return n
}

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

// Sequence is the input of a stack of blocks.
type Sequence struct {
	Embeds *Node // [batch, sequence, hidden], token embeddings only
	Mask   *Node // [batch, sequence], true where there is a token
	Types  *Node // token types [batch, sequence], nil where the family has none
	Start  int   // position of the first column, added to Positions where these are given
	// Positions of the columns, int32 [batch, sequence]; nil means Start, Start+1, … in every row. See PositionIDs.
	Positions *Node
	// Virtual counts the leading columns that stand for no token of the input.
	Virtual int
}

// Prompter is implemented by methods whose virtual tokens take positions.
type Prompter interface {
	VirtualTokens() int
}

// Merger folds a method into the frozen values of a site.
type Merger interface {
	// Merge gives the site's new weight and bias. Graph-building.
	Merge(at *At, w Weights) Weights
}

// Weights are a module's frozen values; Bias is nil where it has none.
type Weights struct{ Weight, Bias *Node }

// Rower is implemented by methods whose formula accepts values with a leading row axis, one adapter a row. Others
// work by rows too, at the cost of one pass of the site for each adapter.
type Rower interface {
	// RowsOK says whether the formulas do under these settings; see also Plan.Alone.
	RowsOK() bool
}

// Initializer is implemented by methods whose values depend on frozen ones or on each other.
type Initializer interface {
	// Initialize is called on a fresh adapter after every Param's own Init, and on a loaded one for what its file
	// does not hold.
	Initialize(*Init) error
}

// Exporter is implemented by methods whose file differs from what they compute with, such as PiSSA saved as a plain
// LoRA of twice the rank.
type Exporter interface {
	// Export gives the config and values (by file key) to write. It may change cfg, its own copy, and in.Values.
	Export(cfg Config, in *Export) (Config, Tensors, error)
}

// SavedPrefixer is implemented by methods whose files name the modules to save otherwise than most: the prompt methods
// write "base_model.classifier.weight".
type SavedPrefixer interface {
	// SavedPrefix stands before a module's path; without it that is "base_model.model.".
	SavedPrefix() string
}

// Starter is implemented by methods whose fresh adapter moves the outputs, which all others leave alone to the bit.
// The conformance suite holds a method to what it declares.
type Starter interface {
	// StartError bounds how far, relative to the largest output (0 not at all, +Inf without limit), and says why.
	StartError() (bound float64, why string)
}

// Approximator is implemented by methods with values whose gradient is, by design, not that of the loss.
type Approximator interface {
	// ApproximateGradient gives the reason for the value of that name, "" where its gradient is exact.
	ApproximateGradient(param string) (why string)
}
