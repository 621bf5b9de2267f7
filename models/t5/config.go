package t5

import (
	"math"
	"strings"

	"github.com/gomlx/gomlx/core/graph"

	"github.com/gopeft/gopeft/models/arch"
	"github.com/gopeft/gopeft/peft/seam"
)

// Family makes the models of model_type "t5"; package models opens them.
var Family = arch.Family{
	ModelType: "t5", Prefix: "transformer",
	Tasks: map[string]string{
		"T5Model": arch.Encoder, "T5EncoderModel": arch.EncoderOnly, "T5ForConditionalGeneration": arch.Seq2SeqLM,
		"T5ForSequenceClassification": arch.SequenceClass, "T5ForQuestionAnswering": arch.QuestionAnswering,
	},
	New: newNetwork,
}

func newNetwork(c *arch.Config, task string) (arch.Network, error) {
	about := seam.Info{ModelType: "t5", Head: task, MaxPositions: math.MaxInt32}
	if task == arch.SequenceClass { // transformers has a prefix there only
		about.Prefix, about.Classes = "transformer", c.Classes()
	}
	about.Hidden, about.Layers, about.Heads = c.Size("d_model", 512), c.Size("num_layers", 6), c.Size("num_heads", 8)
	about.HeadDim, about.Vocab = c.Size("d_kv", 64), c.Size("vocab_size", 32128)
	s := readStack(c, about)
	encoder, decoder := s, s
	encoder.path, decoder.path = arch.BodyPath(about, "encoder"), arch.BodyPath(about, "decoder")
	decoder.layers, decoder.decodes = c.Size("num_decoder_layers", s.layers), true
	n := &arch.EncoderDecoder{
		About: about, Words: arch.BodyPath(about, "shared"), Tied: true, Scale: 1,
		Encoder: &encoderStack{encoder}, Decoder: &decoderStack{decoder}, Problem: arch.Get(c, "problem_type", ""),
	}
	n.ReadTokens(c, arch.TokenDefaults{Pad: 0, EOS: 1, Start: -1})
	n.Head = head(c, n)
	arch.Only(c, "is_decoder", false)
	if task != arch.EncoderOnly { // which transformers saves with false
		arch.Only(c, "is_encoder_decoder", true)
	}
	return n, c.Err()
}

// readStack reads what both stacks have in common.
func readStack(c *arch.Config, about seam.Info) stack {
	s := stack{
		hidden: about.Hidden, layers: about.Layers, heads: about.Heads, headDim: about.HeadDim, inner: c.Size("d_ff", 2048),
		buckets: c.Size("relative_attention_num_buckets", 32), farthest: c.Size("relative_attention_max_distance", 128),
		eps: arch.Get(c, "layer_norm_epsilon", 1e-6), dropout: c.Rate("dropout_rate", 0.1),
	}
	if !(s.eps > 0) {
		c.Failf("layer_norm_epsilon", "must be positive, is %v", s.eps)
	}
	// A quarter of the buckets, and half of them in the decoder, are for single distances.
	if s.buckets < 4 || s.buckets%2 != 0 {
		c.Failf("relative_attention_num_buckets", "must be even and at least 4, is %d", s.buckets)
	}
	const most = 1 << 20
	if s.farthest <= s.buckets/2 || s.farthest > most {
		c.Failf("relative_attention_max_distance", "must be in %d..%d, is %d", s.buckets/2+1, most, s.farthest)
	}
	s.readFeedForward(c)
	return s
}

// readFeedForward reads feed_forward_proj, as "gated-silu", which is_gated_act and dense_act_fn overrule.
func (s *stack) readFeedForward(c *arch.Config) {
	proj := arch.Get(c, "feed_forward_proj", "relu")
	name, gated := strings.CutPrefix(proj, "gated-")
	if proj == "gated-gelu" {
		name = "gelu_new" // so says transformers, for T5 1.1
	}
	s.gated, name = arch.Get(c, "is_gated_act", gated), arch.Get(c, "dense_act_fn", name)
	var ok bool
	if s.activation, ok = arch.Activation(name); !ok {
		c.Failf("feed_forward_proj", "activation %q is not supported", name)
	}
}

// head is the task's, nil for the bare model.
func head(c *arch.Config, n *arch.EncoderDecoder) arch.Head {
	h := n.About.Hidden
	switch n.About.Head {
	case arch.Seq2SeqLM:
		scale := 1.0
		if arch.Get(c, "scale_decoder_outputs", arch.Get(c, "tie_word_embeddings", true)) {
			scale = 1 / math.Sqrt(float64(h))
		}
		return &arch.WordsHead{Path: "lm_head", Words: n.Words + ".weight", Hidden: h, Vocab: n.About.Vocab, Scale: scale}
	case arch.SequenceClass:
		drop := c.Rate("classifier_dropout", 0)
		return &arch.SequenceHead{
			Dense: "classification_head.dense", Classifier: "classification_head.out_proj", Activation: graph.Tanh, Hidden: h,
			Classes: len(n.About.Classes), DenseDropout: drop, Dropout: drop, Problem: n.Problem,
		}
	case arch.QuestionAnswering:
		return &arch.SpanHead{Path: "qa_outputs", Hidden: h}
	case arch.EncoderOnly:
		return &arch.BareHead{Hidden: h}
	}
	return nil
}
