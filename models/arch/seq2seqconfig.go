package arch

// TokenDefaults are the ids of special tokens that a config may leave out; a Start of -1 must be given.
type TokenDefaults struct{ Pad, EOS, Start int }

// ReadTokens reads the ids of the special tokens and refuses what no encoder-decoder of ours computes. The family sets
// About and ShiftSource before.
func (n *EncoderDecoder) ReadTokens(c *Config, def TokenDefaults) {
	shifts := n.ShiftSource || n.About.Head != EncoderOnly && n.About.Head != Encoder
	id := func(field string, def int) int {
		if c.Null(field) {
			def = -1
		}
		v := Get(c, field, def)
		if v >= n.About.Vocab || v < 0 && shifts {
			c.Failf(field, "is missing or outside the vocabulary of %d", n.About.Vocab)
		}
		return v
	}
	n.Pad, n.Start = id("pad_token_id", def.Pad), id("decoder_start_token_id", def.Start)
	if n.About.Head == SequenceClass {
		n.EOS = id("eos_token_id", def.EOS)
	}
	Only(c, "problem_type", "", "regression", "single_label_classification", "multi_label_classification")
	if c.Has("quantization_config") {
		c.Failf("quantization_config", "is not supported")
	}
}
