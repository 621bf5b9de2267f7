package distilbert

import (
	"github.com/gopeft/gopeft/models/arch"
	"github.com/gopeft/gopeft/peft/seam"
)

// Family makes the models of model_type "distilbert"; package models opens them.
var Family = arch.Family{
	ModelType: "distilbert",
	Prefix:    "distilbert",
	Tasks: map[string]string{
		"DistilBertModel":                     arch.Encoder,
		"DistilBertForSequenceClassification": arch.SequenceClass,
		"DistilBertForTokenClassification":    arch.TokenClass,
		"DistilBertForQuestionAnswering":      arch.QuestionAnswering,
		"DistilBertForMaskedLM":               arch.MaskedLM,
	},
	New: newNetwork,
}

// eps is every norm's; the config has no field for it.
const eps = 1e-12

func newNetwork(c *arch.Config, task string) (arch.Network, error) {
	n := &arch.TextEncoder{Problem: arch.Get(c, "problem_type", "")}
	n.About = seam.Info{ModelType: "distilbert", Head: task}
	at := ""
	if task != arch.Encoder {
		at, n.About.Prefix = "distilbert.", "distilbert"
	}
	dropout := c.Rate("dropout", 0.1)
	n.Blocks = arch.EncoderBlocks{
		Names: arch.BlockNames{
			Attention: "attention", Query: "attention.q_lin", Key: "attention.k_lin", Value: "attention.v_lin",
			Output: arch.SublayerNames{Path: "attention.output", Dense: "attention.out_lin", Norm: "sa_layer_norm"},
			Up:     "ffn.lin1",
			Down:   arch.SublayerNames{Path: "ffn", Dense: "ffn.lin2", Norm: "output_layer_norm"},
		},
		Prefix: at + "transformer.layer.",
		Layers: c.Size("n_layers", 6), Hidden: c.Size("dim", 768), Heads: c.Size("n_heads", 12), Inner: c.Size("hidden_dim", 3072),
		Eps: eps, Activation: c.Activation("activation", "gelu"),
		AttentionDropout: c.Rate("attention_dropout", 0.1), DownDropout: dropout, // none behind attention
	}
	c.Divides("n_heads", n.Blocks.Heads, "dim", n.Blocks.Hidden)
	n.Embed = arch.TokenEmbeddings{
		Path: at + "embeddings", Vocab: c.Size("vocab_size", 30522), Positions: c.Size("max_position_embeddings", 512),
		Eps: eps, Dropout: dropout,
	}
	n.Describe(c)
	n.Head = head(c, n, dropout)
	return n, c.Err()
}

// head gives the head of a task.
func head(c *arch.Config, n *arch.TextEncoder, dropout float64) arch.Head {
	hidden, classes := n.About.Hidden, len(n.About.Classes)
	relu, _ := arch.Activation("relu")
	switch n.About.Head {
	case arch.SequenceClass:
		return &arch.SequenceHead{
			Dense: "pre_classifier", Activation: relu, Classifier: "classifier",
			Hidden: hidden, Classes: classes, Dropout: c.Rate("seq_classif_dropout", 0.2), Problem: n.Problem,
		}
	case arch.TokenClass:
		return &arch.TokenHead{Classifier: "classifier", Hidden: hidden, Classes: classes, Dropout: dropout}
	case arch.QuestionAnswering:
		return &arch.SpanHead{Path: "qa_outputs", Hidden: hidden, Dropout: c.Rate("qa_dropout", 0.1)}
	case arch.MaskedLM:
		return &arch.MaskedHead{
			Transform: "vocab_transform", Norm: "vocab_layer_norm", Decoder: "vocab_projector",
			Words: n.Embed.Path + ".word_embeddings.weight", Hidden: hidden, Vocab: n.About.Vocab, Eps: eps, Activation: n.Blocks.Activation,
		}
	}
	return &arch.BareHead{Hidden: hidden}
}
