package arch

import "github.com/gopeft/gopeft/peft/seam"

// Read reads what the configs of BERT, RoBERTa, ViT and many others call by the same names: sizes, activation,
// the norms' epsilon, and dropout, whose default differs between them. Names and Prefix stay the family's.
func (e *EncoderBlocks) Read(c *Config, dropout float64) {
	e.Hidden, e.Layers = c.Size("hidden_size", 768), c.Size("num_hidden_layers", 12)
	e.Heads, e.Inner = c.Size("num_attention_heads", 12), c.Size("intermediate_size", 3072)
	e.Activation = c.Activation("hidden_act", "gelu")
	if e.Eps = Get(c, "layer_norm_eps", 1e-12); !(e.Eps > 0) {
		c.Failf("layer_norm_eps", "must be positive, is %v", e.Eps)
	}
	e.AttentionDropout = c.Rate("attention_probs_dropout_prob", dropout)
	e.OutputDropout = c.Rate("hidden_dropout_prob", dropout)
	e.DownDropout = e.OutputDropout
	c.Divides("num_attention_heads", e.Heads, "hidden_size", e.Hidden)
}

// Activation reads the name of an activation.
func (c *Config) Activation(field, def string) func(*seam.Node) *seam.Node {
	name := Get(c, field, def)
	act, ok := Activation(name)
	if !ok {
		c.Failf(field, "%q is not supported", name)
	}
	return act
}

// Divides refuses a field whose value n does not divide another's.
func (c *Config) Divides(field string, n int, of string, whole int) {
	if whole%n != 0 {
		c.Failf(field, "%d does not divide %s %d", n, of, whole)
	}
}

// PlainEncoder refuses the fields, known to many families, that make another network of an encoder, and a
// problem_type that has no loss.
func (c *Config) PlainEncoder() {
	for _, field := range []string{"is_decoder", "add_cross_attention", "is_encoder_decoder"} {
		Only(c, field, false)
	}
	Only(c, "problem_type", "", "regression", "single_label_classification", "multi_label_classification")
	if len(Get(c, "pruned_heads", map[string][]int{})) > 0 {
		c.Failf("pruned_heads", "are not supported")
	}
	if c.Has("quantization_config") {
		c.Failf("quantization_config", "is not supported")
	}
}

// ReadBERT reads a config in BERT's fields into a network with BERT's names, its encoder under prefix where it has a
// head. The head is left to the family.
func ReadBERT(c *Config, modelType, task string) *TextEncoder {
	n := &TextEncoder{Problem: Get(c, "problem_type", "")}
	n.About = seam.Info{ModelType: modelType, Head: task}
	at := ""
	if task != Encoder {
		at, n.About.Prefix = modelType+".", modelType
	}
	n.Blocks = EncoderBlocks{Prefix: at + "encoder.layer.", Names: BlockNames{
		Attention: "attention.self", Query: "attention.self.query", Key: "attention.self.key", Value: "attention.self.value",
		Output: SublayerNames{"attention.output", "attention.output.dense", "attention.output.LayerNorm"},
		Up:     "intermediate.dense",
		Down:   SublayerNames{"output", "output.dense", "output.LayerNorm"},
	}}
	n.Blocks.Read(c, 0.1)
	n.Embed = TokenEmbeddings{
		Path: at + "embeddings", Vocab: c.Size("vocab_size", 30522), Positions: c.Size("max_position_embeddings", 512),
		Types: c.Size("type_vocab_size", 2), Eps: n.Blocks.Eps, Dropout: n.Blocks.OutputDropout,
	}
	n.Describe(c)
	Only(c, "position_embedding_type", "absolute")
	return n
}

// Describe fills About in from the other fields, and refuses what no text encoder of ours computes. The family sets
// ModelType, Head and Prefix before.
func (n *TextEncoder) Describe(c *Config) {
	b, a := &n.Blocks, &n.About
	n.Embed.Hidden = b.Hidden
	a.Hidden, a.Layers, a.Heads, a.HeadDim = b.Hidden, b.Layers, b.Heads, b.Hidden/b.Heads
	a.Vocab, a.MaxPositions = n.Embed.Vocab, n.Embed.Positions
	if a.Head == SequenceClass || a.Head == TokenClass {
		a.Classes = c.Classes()
	}
	c.PlainEncoder()
	if a.Head == MaskedLM {
		Only(c, "tie_word_embeddings", true)
	}
}
