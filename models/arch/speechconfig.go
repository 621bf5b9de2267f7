package arch

import (
	"math"
	"slices"

	"github.com/gopeft/gopeft/peft/seam"
)

// ReadSpeech reads a config in the fields of wav2vec 2.0, which its relatives share, into a network with its names.
func ReadSpeech(c *Config, modelType, task string) *Speech {
	n := &Speech{FeatureNorm: true}
	n.About = seam.Info{ModelType: modelType, Head: task, MaxPositions: math.MaxInt32}
	if task != Encoder {
		n.At, n.About.Prefix = modelType+".", modelType
	}
	n.readFeatures(c)
	n.readBlocks(c)
	n.readAugment(c)
	n.Position = SpeechPositions{
		Path: n.At + "encoder.pos_conv_embed.conv", Hidden: n.About.Hidden, Kernel: c.Size("num_conv_pos_embeddings", 128),
		Groups: c.Size("num_conv_pos_embedding_groups", 16), Activation: n.Features.Activation,
	}
	c.Divides("num_conv_pos_embedding_groups", n.Position.Groups, "hidden_size", n.About.Hidden)
	c.PlainEncoder()
	n.readHead(c)
	return n
}

func (n *Speech) readFeatures(c *Config) {
	f := SpeechFeatures{
		Path:     n.At + "feature_extractor.conv_layers.",
		Channels: sizes(c, "conv_dim", 512, 512, 512, 512, 512, 512, 512),
		Kernels:  sizes(c, "conv_kernel", 10, 3, 3, 3, 3, 2, 2),
		Strides:  sizes(c, "conv_stride", 5, 2, 2, 2, 2, 2, 2),
		Bias:     Get(c, "conv_bias", false), Activation: c.Activation("feat_extract_activation", "gelu"),
	}
	for field, list := range map[string][]int{"conv_kernel": f.Kernels, "conv_stride": f.Strides} {
		if len(list) != len(f.Channels) {
			c.Failf(field, "has %d layers and conv_dim %d", len(list), len(f.Channels))
		}
	}
	Only(c, "num_feat_extract_layers", len(f.Channels))
	Only(c, "feat_extract_norm", "group", "layer")
	f.LayerNorm = Get(c, "feat_extract_norm", "group") == "layer"
	n.Features = f
	n.FeatureDropout = c.Rate("feat_proj_dropout", 0)
}

// sizes reads a list of positive integers.
func sizes(c *Config, field string, def ...int) []int {
	list := Get(c, field, def)
	const most = 1 << 16 // beyond it products overflow
	if len(list) == 0 || len(list) > 64 || slices.Min(list) < 1 || slices.Max(list) > most {
		c.Failf(field, "want a list of positive integers, got %v", list)
		return def
	}
	return list
}

func (n *Speech) readBlocks(c *Config) {
	b := &n.Blocks
	*b = EncoderBlocks{Prefix: n.At + "encoder.layers.", PreNorm: Get(c, "do_stable_layer_norm", false), Names: BlockNames{
		Attention: "attention", Query: "attention.q_proj", Key: "attention.k_proj", Value: "attention.v_proj", QueryLast: true,
		Output: SublayerNames{Path: "attention_adapters", Dense: "attention.out_proj", Norm: "layer_norm"},
		Up:     "feed_forward.intermediate_dense",
		Down:   SublayerNames{Path: "output_adapters", Dense: "feed_forward.output_dense", Norm: "final_layer_norm"},
	}}
	b.Read(c, 0)
	if !c.Has("layer_norm_eps") {
		b.Eps = 1e-5
	}
	b.AttentionDropout, b.InnerDropout = c.Rate("attention_dropout", 0.1), c.Rate("activation_dropout", 0.1)
	b.OutputDropout = c.Rate("hidden_dropout", 0.1)
	b.DownDropout, n.Dropout = b.OutputDropout, b.OutputDropout
	n.LayerDrop = c.Rate("layerdrop", 0.1)
	a := &n.About
	a.Hidden, a.Layers, a.Heads, a.HeadDim = b.Hidden, b.Layers, b.Heads, b.Hidden/b.Heads
}

func (n *Speech) readAugment(c *Config) {
	read := func(axis string, share float64, least int) Spans {
		s := Spans{Share: c.Rate("mask_"+axis+"_prob", share), Length: c.Size("mask_"+axis+"_length", 10), Least: Get(c, "mask_"+axis+"_min_masks", least)}
		if s.Least < 0 {
			c.Failf("mask_"+axis+"_min_masks", "must not be negative, is %d", s.Least)
		}
		return s
	}
	time, width := read("time", 0.05, 2), read("feature", 0, 0)
	if time.Share > 0 || width.Share > 0 { // transformers has the vector then, in use or not
		n.Augment.Vector = n.At + maskVector
	}
	if Get(c, "apply_spec_augment", true) {
		n.Augment.Time, n.Augment.Width = time, width
	}
}

func (n *Speech) readHead(c *Config) {
	hidden := n.About.Hidden
	switch n.About.Head {
	case Encoder:
		n.Head = framesHead{}
	case SpeechCTC:
		n.About.Vocab = c.Size("vocab_size", 32)
		h := &CTCHead{Path: "lm_head", Hidden: hidden, Vocab: n.About.Vocab, Dropout: c.Rate("final_dropout", 0.1)}
		h.CTC = CTC{Blank: Get(c, "pad_token_id", 0), ZeroInfinity: Get(c, "ctc_zero_infinity", false)}
		Only(c, "ctc_loss_reduction", "sum", "mean")
		h.CTC.Mean = Get(c, "ctc_loss_reduction", "sum") == "mean"
		n.About.Blank = h.CTC.Blank
		if h.CTC.Blank < 0 || h.CTC.Blank >= h.Vocab {
			c.Failf("pad_token_id", "%d, the blank, is outside of vocab_size %d", h.CTC.Blank, h.Vocab)
		}
		n.Head = h
	case AudioClass:
		n.About.Classes = c.Classes()
		n.WeightedSum = Get(c, "use_weighted_layer_sum", false)
		n.Head = &FrameMeanHead{
			Projector: "projector", Classifier: "classifier", Hidden: hidden, Projected: c.Size("classifier_proj_size", 256),
			Classes: len(n.About.Classes),
		}
	}
}
