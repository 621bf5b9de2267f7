package seam

// Prompter is implemented by methods that put virtual tokens in front of the input, as prompt tuning does, so that they
// are counted when an input's length is held against the longest sequence that the model takes.
type Prompter interface {
	// VirtualTokens is how many there are.
	VirtualTokens() int
}

// Merger is implemented by methods that can be folded into frozen weights, so that the backbone computes the same without
// the adapter, and that have no WeightHook, which says the same.
type Merger interface {
	// Merge gives a site's weight and bias with the adapter folded in; w holds those without it. It is called for each
	// site of the plan. Where this one can't take the adapter up it panics with an error that matches ErrMerge.
	// Graph-building.
	Merge(at *At, w Weights) Weights
}

// Weights are a module's weight, shaped as its site's Kind says, and its bias [out]; Bias is nil where it has none.
type Weights struct{ Weight, Bias *Node }

// Rower is implemented by methods that compute a batch whose rows have adapters of their own in a single pass. At's
// functions then give and take values with a leading axis for the rows, [batch, …]. Methods without it work in such batches
// too, at the cost of one pass of the site for each adapter.
type Rower interface {
	// RowsOK reports whether they do under these settings. Plan.Alone takes it back for one backbone.
	RowsOK() bool
}

// Initializer is implemented by methods whose first values depend on frozen ones, as PiSSA's do, or on each other.
type Initializer interface {
	// Initialize sets first values. It is called on a fresh adapter, whose values have been drawn by each Param's Init,
	// and on a loaded one, where it sets what the file does not hold; see Init.Loaded.
	Initialize(*Init) error
}

// Exporter is implemented by methods whose file differs from what they compute with, such as PiSSA saved as a plain
// LoRA of twice the rank.
type Exporter interface {
	// Export gives the config and the values, by file key, that are written. It may change cfg, which is a copy, and
	// in.Values.
	Export(cfg Config, in *Export) (Config, Tensors, error)
}

// Regularizer is implemented by methods that add a term of their own to the loss, as AdaLoRA's of how far its factors are from
// orthogonal. In a batch
// with an adapter for each row, theirs are computed one adapter at a time, also where there is a Rower.
type Regularizer interface {
	// Penalty gives the term, a scalar, or nil for none in this graph. It is part of every loss that is computed with the
	// adapter, in evaluation too; a method that wants it in training only asks Training. at stands at no site; SitesWith and
	// ParamOf give the values. Graph-building.
	Penalty(at *At) *Node
}

// Ignorer is implemented by methods whose files, as others write them, hold tensors that say nothing new, as RandLoRA's do
// under every layer.
type Ignorer interface {
	// Ignores reports whether a key of a file may be passed over.
	Ignores(key string) bool
}

// SavedPrefixer is implemented by methods in whose files the modules of modules_to_save have other keys than in most: the
// prompt methods write "base_model.classifier.weight" for "base_model.model.classifier.weight".
type SavedPrefixer interface {
	// SavedPrefix stands before a module's path in a key; without this method that is "base_model.model.".
	SavedPrefix() string
}

// Starter is implemented by methods whose fresh adapter changes the outputs, as one of inserted random modules does. Those
// of all other methods leave the outputs as they are, to the bit. Package pefttest holds a method to what it declares.
type Starter interface {
	// StartError gives the largest change of an output, relative to the largest output, and the reason for it. 0 is no
	// change, +Inf any.
	StartError() (bound float64, why string)
}

// Approximator is implemented by methods with values whose gradient is, by design, not the derivative of the loss, as a
// straight-through gradient. Package pefttest then leaves these out of its comparison with finite differences.
type Approximator interface {
	// ApproximateGradient gives the reason for the value of a name (Param.Name), "" where its gradient is exact.
	ApproximateGradient(param string) (why string)
}

// Asker is implemented by methods that need an argument of the call which the model does not know, such as the task that each
// row of the batch belongs to. Hooks get it by Call.Argument, in every step of writing text too.
type Asker interface {
	// Arguments lists them. The model neither checks nor reads arguments of these names.
	Arguments() []Argument
	// CheckArguments refuses what the hooks can't compute with, before it reaches a graph. in are all arguments of the call; the
	// model has found its own right, and those of Arguments are there, unless they are Optional. Errors match ErrInput.
	CheckArguments(in Tensors) error
}

// Argument is an argument of the call that a method asks for.
type Argument struct {
	Name string // as "task_ids"
	// Optional says that a call may lack it. Later steps of writing text then lack it always.
	Optional bool
}
