package arch

import "github.com/gopeft/gopeft/peft/seam"

// DecoderTasks maps the class names of a family, as "Llama", to the tasks of a Decoder.
func DecoderTasks(family string) map[string]string {
	return map[string]string{
		family + "Model": Encoder, family + "ForCausalLM": CausalLM, family + "ForSequenceClassification": SequenceClass,
	}
}

// AboutDecoder begins the description of a decoder; body is the path of the bare model inside one with a head, as
// "model".
func AboutDecoder(modelType, task, body string) seam.Info {
	about := seam.Info{ModelType: modelType, Head: task}
	if task != Encoder {
		about.Prefix = body
	}
	return about
}

// BodyPath gives the path of a part of the bare model, under the prefix that it has inside one with a head.
func BodyPath(about seam.Info, part string) string {
	if about.Prefix == "" {
		return part
	}
	return about.Prefix + "." + part
}

// NewDecoder reads what configs of decoders have in common. about holds the sizes already, words is the path of the
// token embeddings in the bare model, and tied the family's default of tie_word_embeddings.
func NewDecoder(c *Config, about seam.Info, words string, tied bool, stack DecoderStack) *Decoder {
	d := &Decoder{
		About: about, Words: BodyPath(about, words), Stack: stack, Tied: Get(c, "tie_word_embeddings", tied),
		Pad: Get(c, "pad_token_id", -1), Problem: Get(c, "problem_type", ""),
	}
	if about.Head == SequenceClass {
		d.About.Classes = c.Classes()
		if d.Pad < -1 || d.Pad >= about.Vocab {
			c.Failf("pad_token_id", "%d is outside the vocabulary of %d", d.Pad, about.Vocab)
		}
	}
	Only(c, "problem_type", "", "regression", "single_label_classification", "multi_label_classification")
	Only(c, "is_encoder_decoder", false)
	Only(c, "add_cross_attention", false)
	if c.Has("quantization_config") {
		c.Failf("quantization_config", "is not supported")
	}
	return d
}
