package roberta

import (
	"github.com/gomlx/gomlx/core/graph"

	"github.com/gopeft/gopeft/models/arch"
)

// Family makes the models of model_type "roberta"; package models opens them.
var Family = arch.Family{
	ModelType: "roberta",
	Prefix:    "roberta",
	Tasks: map[string]string{
		"RobertaModel":                     arch.Encoder,
		"RobertaForSequenceClassification": arch.SequenceClass,
		"RobertaForTokenClassification":    arch.TokenClass,
		"RobertaForQuestionAnswering":      arch.QuestionAnswering,
		"RobertaForMaskedLM":               arch.MaskedLM,
	},
	New: newNetwork,
}

func newNetwork(c *arch.Config, task string) (arch.Network, error) {
	n := arch.ReadBERT(c, "roberta", task)
	pad := arch.Get(c, "pad_token_id", 1)
	if n.About.MaxPositions = n.Embed.Positions - pad - 1; pad < 0 || n.About.MaxPositions < 1 {
		c.Failf("pad_token_id", "%d leaves no position of %d", pad, n.Embed.Positions)
	}
	n.Embed.Place = positions(pad)
	n.Head = head(c, n)
	return n, c.Err()
}

// head gives the head of a task.
func head(c *arch.Config, n *arch.TextEncoder) arch.Head {
	hidden, classes := n.About.Hidden, len(n.About.Classes)
	dropout := c.Rate("classifier_dropout", n.Blocks.OutputDropout)
	switch n.About.Head {
	case arch.SequenceClass:
		return &arch.SequenceHead{
			Dense: "classifier.dense", Activation: graph.Tanh, Classifier: "classifier.out_proj",
			Hidden: hidden, Classes: classes, DenseDropout: dropout, Dropout: dropout, Problem: n.Problem,
		}
	case arch.TokenClass:
		return &arch.TokenHead{Classifier: "classifier", Hidden: hidden, Classes: classes, Dropout: dropout}
	case arch.QuestionAnswering:
		return &arch.SpanHead{Path: "qa_outputs", Hidden: hidden}
	case arch.MaskedLM:
		return &arch.MaskedHead{
			Transform: "lm_head.dense", Norm: "lm_head.layer_norm", Decoder: "lm_head.decoder", Bias: "lm_head.bias",
			Words: n.Embed.Path + ".word_embeddings.weight", Hidden: hidden, Vocab: n.About.Vocab, Eps: n.Blocks.Eps, Activation: arch.GELU,
		}
	}
	return &arch.BareHead{Pooler: "pooler.dense", Hidden: hidden, Pooled: hidden, Activation: graph.Tanh}
}
