package data

// Task is what becomes of labels.
type Task uint8

// The tasks.
const (
	Unlabelled     Task = iota // no labels are used
	Classification             // "labels" are indices of classes, int32 [rows]
	Regression                 // "labels" are numbers, float32 [rows]
	Writing                    // labels are texts to be written: "labels" are their tokens, int32 [rows, length]

	// Continuing trains a decoder to go on: "labels" are the tokens to be learned, int32 [rows, length], [IgnoreIndex]
	// elsewhere. Of an example without a label these are the tokens of its text, as the tokenizer gives them: where
	// it adds none at the end, a text that is to teach its end has that token in it ("...<|endoftext|>").
	//
	// A label is a text to be written behind the other, and then only it is learned. It is cut into tokens by itself, so a
	// space between the two is the label's first character. In front stand the special tokens that the tokenizer puts
	// there, at the end the one that ends a text, where it has one. What is beyond MaxLength is cut off on the right; a
	// text that leaves nothing of its label is [tokenizer.ErrTruncation], an example without any token to be learned, as
	// the first never is, [ErrFormat]. There are no pairs: [ErrOption].
	Continuing
)

// Options are the settings of a [Loader].
type Options struct {
	Encoder   Encoder
	BatchSize int // rows of a batch; 0 means 8

	Task    Task
	Classes []string // the classes by index, as [Labels] gives them; for Classification, which needs them

	Shuffle bool // go through each epoch in its [Order]; otherwise in the order given
	Seed    uint64

	// KeepLast leaves the last batch of an epoch as small as it is. Otherwise it is filled up to BatchSize with
	// copies of a row, labelled with [IgnoreIndex], and so runs on the program of the others. Numbers can't be
	// ignored: in a Regression the last batch is always left as it is.
	KeepLast bool
}
