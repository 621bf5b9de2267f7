package predict

import (
	"github.com/gopeft/gopeft/models/preprocess"
	"github.com/gopeft/gopeft/models/tokenizer"
)

// Options say how inputs become batches and what counts as an answer. Their zero value takes the tokenizer, the image
// processor or the feature extractor from the backbone's folder and transformers' defaults for the rest.
type Options struct {
	// Tokenizer, ImageProcessor and FeatureExtractor stand in for those of the backbone's folder.
	Tokenizer        tokenizer.Tokenizer
	ImageProcessor   *preprocess.ImageProcessor
	FeatureExtractor *preprocess.FeatureExtractor

	// BatchSize is the most rows of a forward pass; 0 means 32. Fewer rows are filled up to a power of two, so that few
	// programs are compiled.
	BatchSize int
	// MaxLength is the longest row in tokens, special ones included. 0 means what the tokenizer and the backbone's positions
	// allow, for Embeddings also what sentence_bert_config.json says, and for Answers at most 384.
	// Longer texts are cut on the right, but Words, Entities and Answers read them in overlapping pieces.
	MaxLength int
	// Buckets are the lengths in tokens that rows are padded to, ascending; nil means powers of two from 16. Those beyond the
	// longest row are passed over. See data.Encoder.
	Buckets []int
	// Stride is by how many tokens the pieces of a long text overlap; 0 means 128, and half a piece where that is less.
	Stride int

	// Threshold is the least probability of a class that MultiLabel gives to an input; 0 means 0.5.
	Threshold float64

	// MaxAnswer is the longest answer to a question in tokens; 0 means 15.
	MaxAnswer int
	// NoAnswer lets a question have no answer, for backbones that were trained on questions without one (SQuAD 2.0).
	NoAnswer bool

	// Pooling makes an embedding of the states of a text's tokens. The zero value does as the modules.json of a
	// sentence-transformers folder says, with all its further steps, and means MeanPooling where there is none.
	Pooling Pooling
	// Normalize says whether embeddings are brought to length 1. nil is as modules.json says where Pooling is not given,
	// else false.
	Normalize *bool
}

// What the zero values of BatchSize, Threshold and MaxAnswer mean, the last two as in transformers.
const (
	defaultBatchSize = 32
	defaultThreshold = 0.5
	defaultAnswer    = 15
)

// batchSize gives the size of a batch with its default.
func (o *Options) batchSize() int {
	if o.BatchSize == 0 {
		return defaultBatchSize
	}
	return o.BatchSize
}

// threshold gives the threshold with its default.
func (o *Options) threshold() float64 {
	if o.Threshold == 0 {
		return defaultThreshold
	}
	return o.Threshold
}

// maxAnswer gives the longest answer with its default.
func (o *Options) maxAnswer() int {
	if o.MaxAnswer == 0 {
		return defaultAnswer
	}
	return o.MaxAnswer
}

// check looks at the values by themselves.
func (o *Options) check() error {
	for _, f := range []struct {
		name  string
		value int
	}{
		{"BatchSize", o.BatchSize}, {"MaxLength", o.MaxLength}, {"Stride", o.Stride}, {"MaxAnswer", o.MaxAnswer},
	} {
		if f.value < 0 {
			return optionf(f.name, "must not be negative, is %d", f.value)
		}
	}
	for i, b := range o.Buckets {
		if b < 1 || i > 0 && b <= o.Buckets[i-1] {
			return optionf("Buckets", "must be positive and ascend, are %v", o.Buckets)
		}
	}
	if !(o.Threshold >= 0 && o.Threshold <= 1) {
		return optionf("Threshold", "must be in 0..1, is %v", o.Threshold)
	}
	if o.Pooling < PoolingOfFolder || o.Pooling > WeightedMeanPooling {
		return optionf("Pooling", "has no value %d", int(o.Pooling))
	}
	return nil
}
