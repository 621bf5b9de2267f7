package bart

import (
	"math"

	"github.com/gomlx/gomlx/core/graph"

	"github.com/gopeft/gopeft/models/arch"
	"github.com/gopeft/gopeft/peft/seam"
)

// Family makes the models of model_type "bart"; package models opens them.
var Family = arch.Family{
	ModelType: "bart", Prefix: "model",
	Tasks: map[string]string{
		"BartModel": arch.Encoder, "BartForConditionalGeneration": arch.Seq2SeqLM,
		"BartForSequenceClassification": arch.SequenceClass, "BartForQuestionAnswering": arch.QuestionAnswering,
	},
	New: newNetwork,
}

func newNetwork(c *arch.Config, task string) (arch.Network, error) {
	about := seam.Info{ModelType: "bart", Head: task}
	if task != arch.Encoder {
		about.Prefix = "model"
	}
	if task == arch.SequenceClass {
		about.Classes = labels(c)
	}
	about.Hidden, about.Vocab = c.Size("d_model", 1024), c.Size("vocab_size", 50265)
	about.MaxPositions = c.Size("max_position_embeddings", 1024)
	encoder, decoder := readBlocks(c, about, "encoder"), readBlocks(c, about, "decoder")
	decoder.Causal = true
	about.Layers, about.Heads, about.HeadDim = encoder.Layers, encoder.Heads, about.Hidden/encoder.Heads
	drop := c.Rate("dropout", 0.1)
	n := &arch.EncoderDecoder{
		About: about, Words: arch.BodyPath(about, "shared"), Tied: arch.Get(c, "tie_word_embeddings", true), Scale: 1,
		Encoder:     &encoderStack{bottom{arch.BodyPath(about, "encoder"), about.Hidden, about.MaxPositions, drop}, encoder},
		Decoder:     &decoderStack{bottom{arch.BodyPath(about, "decoder"), about.Hidden, about.MaxPositions, drop}, crossing(decoder)},
		ShiftSource: true, Problem: arch.Get(c, "problem_type", ""),
	}
	if arch.Get(c, "scale_embedding", false) {
		n.Scale = math.Sqrt(float64(about.Hidden))
	}
	n.ReadTokens(c, arch.TokenDefaults{Pad: 1, EOS: 2, Start: 2})
	n.Head = head(c, n)
	arch.Only(c, "is_decoder", false)
	arch.Only(c, "is_encoder_decoder", true)
	for _, field := range []string{"encoder_layerdrop", "decoder_layerdrop"} {
		arch.Only(c, field, 0.0) // of whole layers, while training
	}
	return n, c.Err()
}

// labels are the classes; BART's default is three, not two as elsewhere.
func labels(c *arch.Config) []string {
	if !c.Has("id2label") && !c.Has("num_labels") {
		return seam.GenericClasses(3)
	}
	return c.Classes()
}

// readBlocks reads the fields of the "encoder" or "decoder".
func readBlocks(c *arch.Config, about seam.Info, stack string) arch.EncoderBlocks {
	heads := stack + "_attention_heads"
	b := arch.EncoderBlocks{
		Prefix: arch.BodyPath(about, stack) + ".layers.", Hidden: about.Hidden, Layers: c.Size(stack+"_layers", 12),
		Heads: c.Size(heads, 16), Inner: c.Size(stack+"_ffn_dim", 4096), Eps: eps,
		Activation: c.Activation("activation_function", "gelu"), AttentionDropout: c.Rate("attention_dropout", 0),
		OutputDropout: c.Rate("dropout", 0.1), InnerDropout: c.Rate("activation_dropout", 0),
		Names: arch.BlockNames{
			Attention: "self_attn", Query: "self_attn.q_proj", Key: "self_attn.k_proj", Value: "self_attn.v_proj", QueryLast: true,
			Output: arch.SublayerNames{Path: "attention_adapters", Dense: "self_attn.out_proj", Norm: "self_attn_layer_norm"},
			Up:     "fc1", Down: arch.SublayerNames{Path: "output_adapters", Dense: "fc2", Norm: "final_layer_norm"},
		},
	}
	b.DownDropout = b.OutputDropout
	c.Divides(heads, b.Heads, "d_model", b.Hidden)
	return b
}

// crossing puts attention to the encoder into a decoder's blocks. The places of adapters have AdapterHub's names:
// transformers has no module there.
func crossing(b arch.EncoderBlocks) arch.MemoryBlocks {
	return arch.MemoryBlocks{EncoderBlocks: b, Cross: arch.BlockNames{
		Attention: "encoder_attn", Query: "encoder_attn.q_proj", Key: "encoder_attn.k_proj", Value: "encoder_attn.v_proj", QueryLast: true,
		Output: arch.SublayerNames{Path: "cross_attention_adapters", Dense: "encoder_attn.out_proj", Norm: "encoder_attn_layer_norm"},
	}}
}

// head is the task's, nil for the bare model.
func head(c *arch.Config, n *arch.EncoderDecoder) arch.Head {
	h := n.About.Hidden
	switch n.About.Head {
	case arch.Seq2SeqLM:
		w := &arch.WordsHead{Path: "lm_head", Bias: "final_logits_bias", Hidden: h, Vocab: n.About.Vocab, Scale: 1}
		if n.Tied {
			w.Words = n.Words + ".weight"
		}
		return w
	case arch.SequenceClass:
		drop := c.Rate("classifier_dropout", 0)
		return &arch.SequenceHead{
			Dense: "classification_head.dense", Classifier: "classification_head.out_proj", Activation: graph.Tanh, Hidden: h,
			Classes: len(n.About.Classes), DenseDropout: drop, Dropout: drop, Problem: n.Problem,
		}
	case arch.QuestionAnswering:
		return &arch.SpanHead{Path: "qa_outputs", Hidden: h}
	}
	return nil
}
