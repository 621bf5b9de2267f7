package data

// Target says how labels become the tensor "labels" of a batch.
type Target uint8

// The tasks of a [Loader].
const (
	// Unlabelled ignores labels: there is no tensor "labels".
	Unlabelled Target = iota
	// Classification turns labels into numbers of classes, int32 of shape [rows]. Options.Classes names the classes.
	Classification
	// Regression takes labels as numbers, float32 of shape [rows].
	Regression
	// Writing is for encoder-decoders, such as T5: the label is the text to generate from the input. "labels" are its tokens,
	// int32 of shape [rows, length], with [IgnoreIndex] in place of padding.
	Writing

	// Continuing is for decoder-only models, such as GPT-2: the label is the text to generate after the input, and only its
	// tokens are learned. An example without a label is learned as a whole. "labels" is int32 of shape [rows, length], as
	// "input_ids": the ids that are learned, and [IgnoreIndex] elsewhere. As in transformers, the model itself shifts them by
	// one position.
	//
	// Text and label are tokenized separately and joined, so a space between them must be the first character of the label.
	// The tokenizer's special tokens stand in front, and behind the label its end-of-sequence token, if it has one. A text
	// without a label gets only what the tokenizer adds: to teach where it ends, write the end token into the text
	// ("...<|endoftext|>").
	//
	// Tokens beyond MaxLength are cut off at the end. A text so long that no token of its label is left matches
	// [tokenizer.ErrTruncation]; an example without any token to learn matches [ErrFormat] (the first token of a row is never
	// learned). Pairs of texts are [ErrOption].
	Continuing
)

// Options are the settings of a [Loader]. The Encoder's Tokenizer is required.
type Options struct {
	Encoder   Encoder // how texts become token ids
	BatchSize int     // number of rows in a batch; 0 means 8

	Target  Target   // what labels are; the zero value ignores them
	Classes []string // the names of the classes in the order of their numbers, from [Classes]; required by Classification

	Shuffle bool   // go through the examples in a new random order in each epoch, instead of the given order
	Seed    uint64 // seed of the orders

	// SmallLast leaves the last batch of an epoch smaller than BatchSize if the examples don't fill it. Otherwise the batch is
	// filled with copies of its last row whose labels are [IgnoreIndex], so that no other batch size has to be compiled. In a
	// Regression, which has no label to be ignored, the last batch is never filled.
	SmallLast bool
}
