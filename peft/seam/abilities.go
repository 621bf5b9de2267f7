package seam

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
