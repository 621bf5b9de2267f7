package arch

import "github.com/gopeft/gopeft/peft/seam"

// Network is a model as a family makes it from one config: a seam.Model that also lists the values it needs, which package
// models then reads from the checkpoint.
type Network interface {
	seam.Model
	// Values lists the frozen values, in the order of transformers' state dict.
	Values() []Value
}

// Value describes one tensor that a network needs: where it stands in a checkpoint, and what it is before training where a
// checkpoint lacks it or none is read.
type Value struct {
	// Path is the tensor's name in transformers, as "bert.encoder.layer.0.output.dense.weight".
	Path string
	// Shape of the tensor as the network computes with it.
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
	// Head says that the value belongs to a head. A checkpoint may lack it: then it is drawn from a seed.
	Head bool
	// Optional says that a checkpoint may lack the value, and that the network then computes without it.
	Optional bool
	// Buffer says that the value is a buffer in transformers: it is saved, but no parameter, and not counted as one.
	Buffer bool
	// Tied names the path of the value this one is the same as, as a masked-LM decoder and the word embeddings.
	Tied string
}

// Linear lists the values of a linear map: its weight [out, in] and bias [out].
func Linear(path string, in, out int) []Value {
	return []Value{{Path: path + ".weight", Shape: []int{out, in}}, {Path: path + ".bias", Shape: []int{out}}}
}

// Conv lists the values of a convolution: its weight [out, in/groups, kernel…] and, where it has one, its bias [out].
func Conv(s seam.Site, bias bool) []Value {
	shape := append([]int{s.Out, s.In / s.Conv.Groups}, s.Conv.Kernel...)
	out := []Value{{Path: s.Path + ".weight", Shape: shape}}
	if bias {
		out = append(out, Value{Path: s.Path + ".bias", Shape: []int{s.Out}})
	}
	return out
}

// Norm lists the values of a layer norm: its weight and bias [width].
func Norm(path string, width int) []Value {
	return []Value{{Path: path + ".weight", Shape: []int{width}, Ones: true}, {Path: path + ".bias", Shape: []int{width}}}
}

// AsHead marks values as those of a head, in place: see Value.Head.
func AsHead(values []Value) []Value {
	for i := range values {
		values[i].Head = true
	}
	return values
}

// The tasks that a network can have a head for, mostly under the names of transformers' pipelines. Encoder is a network without
// a head.
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

// Family makes the networks of one model_type. Package models has a list of them.
type Family struct {
	// ModelType is what a config.json of the family has as "model_type".
	ModelType string
	// Prefix is the name of the bare model inside one with a head, as "bert" (base_model_prefix in transformers). Checkpoints
	// are read with and without it.
	Prefix string
	// Tasks maps the names of transformers' classes, as "BertForMaskedLM", to the task of each one's head.
	Tasks map[string]string
	// New makes the network of a config for a task. Errors name the config field.
	New func(cfg *Config, task string) (Network, error)
}
