package seam

// Origin is what a peft.Backbone remembers of the folder that it was read from, so that it can be written again. Authors
// of loaders fill it in for peft.NewBackbone; users can read in it where a model came from. The zero value is a model
// that came from no folder.
type Origin struct {
	Dir    string // the folder it was read from, "" when there is none
	Config []byte // its config.json
	// Tied names the values that are one and the same under two paths: from the path that is not written to a file to
	// the one that is.
	Tied map[string]string
	// Stored maps the path of a value to its name in the folder's files, where that is another.
	Stored map[string]string
	// Drawn lists the paths of values that the folder lacks and that therefore started random, as a new head.
	Drawn []string
	// Buffers lists the paths of values that transformers does not count as parameters.
	Buffers []string
	// NewTokens says that the vocabulary was resized. Files of adapters then hold the embeddings of the input and the
	// output too, trained or not, as HF PEFT writes them (save_embedding_layers there).
	NewTokens bool
	// Resized makes the same architecture for a vocabulary of so many tokens (0: it has none) and for these classes
	// (nil: its head has none). It is called when an adapter's file brings embeddings or a head of another size. nil
	// is for a model of fixed sizes, on which such a file is an error.
	Resized func(vocab int, labels []string) (*Resized, error)
	// Replicated makes the same architecture for another list of blocks, each of which is one of the model's own by its
	// number and computes as that does. It is called for adapters that ask for it, see Replicator. nil is for a model whose
	// blocks are fixed.
	Replicated func(blocks []int) (*Resized, error)
}

// Resized is a model's architecture for another number of tokens, classes or blocks. Authors of models make it, for
// Origin.Resized and Origin.Replicated.
type Resized struct {
	Model  Model            // the architecture
	Config []byte           // its config.json
	Shapes map[string][]int // the shapes of the values that it needs, by path, tied ones under each of theirs
}
