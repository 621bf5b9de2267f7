package arch

import "github.com/gopeft/gopeft/peft/seam"

// Network is a family's architecture for one config: a seam.Model that also says which values it needs.
type Network interface {
	seam.Model
	// Values lists the frozen values, in the order of transformers' state dict.
	Values() []Value
}

// Value is one tensor of a checkpoint.
type Value struct {
	Path  string
	Shape []int
	// Stored is the name in checkpoints, where that is not the path.
	Stored string
	// Ones says that the value is 1 before any training, as a norm's weight.
	Ones bool
	// Start is what every element is before any training, where that is neither 0, 1 nor drawn.
	Start float32
	// Zeros says that it is 0.
	Zeros bool
	// Count says that the value is an int64 that is kept for the file only, as a batch norm's number of batches.
	Count bool
	// FanInFanOut says that files hold the value with its two axes the other way round; see seam.Site.
	FanInFanOut bool
	// Head values may be missing: they are then drawn from a seed, as transformers does for a new head.
	Head bool
	// Optional values may be missing for good.
	Optional bool
	// Buffer says that the value is no parameter to transformers.
	Buffer bool
	// Tied names the path of the value this one is the same as, as a masked-LM decoder and the word embeddings.
	Tied string
}

// Linear lists the weight [out, in] and bias [out] of a linear map.
func Linear(path string, in, out int) []Value {
	return []Value{{Path: path + ".weight", Shape: []int{out, in}}, {Path: path + ".bias", Shape: []int{out}}}
}

// Conv lists the weight [out, in/groups, kernel…] and perhaps the bias [out] of a convolution.
func Conv(s seam.Site, bias bool) []Value {
	shape := append([]int{s.Out, s.In / s.Conv.Groups}, s.Conv.Kernel...)
	out := []Value{{Path: s.Path + ".weight", Shape: shape}}
	if bias {
		out = append(out, Value{Path: s.Path + ".bias", Shape: []int{s.Out}})
	}
	return out
}

// Norm lists the weight and bias of a layer norm.
func Norm(path string, width int) []Value {
	return []Value{{Path: path + ".weight", Shape: []int{width}, Ones: true}, {Path: path + ".bias", Shape: []int{width}}}
}

// AsHead marks values as those of a head.
func AsHead(values []Value) []Value {
	for i := range values {
		values[i].Head = true
	}
	return values
}

// Tasks that a head can have, as transformers' pipelines name them. Encoder is a backbone without a head.
const (
	Encoder           = ""
	SequenceClass     = "sequence-classification"
	ImageClass        = "image-classification"
	TokenClass        = "token-classification"
	QuestionAnswering = "question-answering"
	MaskedLM          = "masked-lm"
	Contrastive       = "contrastive" // pairs of texts and images are held against all others of the batch
	TextEmbedding     = "text-embedding"
	ImageEmbedding    = "image-embedding"
	SpeechCTC         = "ctc"
	AudioClass        = "audio-classification"
	// Seq2SeqLM is the head that predicts the next token of a target text from it and a source text.
	Seq2SeqLM = "seq2seq-lm"
	// EncoderOnly is the encoder of an encoder-decoder alone.
	EncoderOnly = "encoder"
)

// Family is one model_type.
type Family struct {
	// ModelType as in config.json.
	ModelType string
	// Prefix is transformers' base_model_prefix: where the encoder stands in a model with a head.
	Prefix string
	// Tasks maps transformers' class names ("architectures") to tasks.
	Tasks map[string]string
	// New makes the network of a config for a task. Errors name the config field.
	New func(cfg *Config, task string) (Network, error)
}
