package arch

import "slices"

// LlamaDefaults are the sizes that a config of one of Llama's relatives may leave out.
type LlamaDefaults struct {
	Vocab, Inner, Groups, HeadDim, Positions int // Groups 0: as many as heads; HeadDim 0: hidden_size / heads
	// PartialRotary allows positions to turn a share of each head only.
	PartialRotary bool
}

// ReadLlama reads a config in Llama's fields; further defaults of a family are set beforehand with Config.Default. Biases,
// norms, windows and what else the family has of its own are left to it.
func ReadLlama(c *Config, modelType, task string, def LlamaDefaults) (*Decoder, *LlamaBlocks) {
	about := AboutDecoder(modelType, task, "model")
	b := &LlamaBlocks{
		Prefix: BodyPath(about, ""), Layers: c.Size("num_hidden_layers", 32), Hidden: c.Size("hidden_size", 4096),
		Inner: c.Size("intermediate_size", def.Inner), Heads: c.Size("num_attention_heads", 32), Eps: Get(c, "rms_norm_eps", 1e-6),
		Scores: CausalOptions{Dropout: c.Rate("attention_dropout", 0)},
	}
	b.Groups = b.Heads
	if def.Groups > 0 && !c.Null("num_key_value_heads") {
		b.Groups = def.Groups
	}
	b.Groups = c.Size("num_key_value_heads", b.Groups)
	c.Divides("num_key_value_heads", b.Groups, "num_attention_heads", b.Heads)
	switch {
	case c.Has("head_dim"):
		b.HeadDim = c.Size("head_dim", 1)
	case def.HeadDim > 0:
		b.HeadDim = def.HeadDim
	default:
		b.HeadDim = b.Hidden / b.Heads
		c.Divides("num_attention_heads", b.Heads, "hidden_size", b.Hidden)
	}
	if !(b.Eps > 0) {
		c.Failf("rms_norm_eps", "must be positive, is %v", b.Eps)
	}
	b.Activation = c.Activation("hidden_act", "silu")
	about.Hidden, about.Layers, about.Heads, about.HeadDim = b.Hidden, b.Layers, b.Heads, b.HeadDim
	about.Vocab = c.Size("vocab_size", def.Vocab)
	share := rotaryShare(c)
	if share != 1 && !def.PartialRotary {
		c.Failf("partial_rotary_factor", "%v is not supported", share)
	}
	b.Rotary, about.MaxPositions = ReadRotary(c, int(float64(b.HeadDim)*share), c.Size("max_position_embeddings", def.Positions))
	if long := b.Rotary.Longer; long != nil && long.Rereads {
		about.Rereads = long.Beyond
	}
	return NewDecoder(c, about, "embed_tokens", false, b), b
}

// SlidingLayers reads the window of each block from the fields of Qwen and others: layer_types says which blocks slide,
// else those from max_window_layers on do; sliding_window how far, where use_sliding_window asks for it.
func SlidingLayers(c *Config, layers int) func(block int) int {
	window := 0
	if Get(c, "use_sliding_window", false) && !c.Null("sliding_window") {
		window = c.Size("sliding_window", 4096)
	}
	first := Get(c, "max_window_layers", 28)
	if window == 0 && slices.Contains(Get(c, "layer_types", []string{}), sliding) {
		c.Failf("layer_types", "%q needs use_sliding_window and sliding_window", sliding)
	}
	return LayerWindows(c, layers, window, func(block int) bool { return block >= first })
}

const sliding, full = "sliding_attention", "full_attention"

// LayerWindows gives a window to the blocks that layer_types lists as sliding, or where it is absent to those that slide
// by the family's rule.
func LayerWindows(c *Config, layers, window int, slides func(block int) bool) func(block int) int {
	if c.Has("layer_types") {
		types := Get(c, "layer_types", []string{})
		if len(types) != layers {
			c.Failf("layer_types", "has %d entries for %d layers", len(types), layers)
		}
		for _, t := range types {
			if t != sliding && t != full {
				c.Failf("layer_types", "%q is not supported", t)
			}
		}
		slides = func(block int) bool { return types[block] == sliding }
	}
	return func(block int) int {
		if slides(block) {
			return window
		}
		return 0
	}
}

// Null reports whether a field is there and null, where that is another choice than leaving it out.
func (c *Config) Null(field string) bool {
	_, ok := c.fields[field]
	return ok && !c.Has(field)
}
