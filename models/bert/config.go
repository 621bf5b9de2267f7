package bert

import (
	"github.com/gomlx/gomlx/core/graph"

	"github.com/gopeft/gopeft/models/arch"
)

// Family makes the models of model_type "bert"; package models opens them.
var Family = arch.Family{
	ModelType: "bert",
	Prefix:    "bert",
	Tasks: map[string]string{
		"BertModel":                     arch.Encoder,
		"BertForSequenceClassification": arch.SequenceClass,
		"BertForTokenClassification":    arch.TokenClass,
		"BertForQuestionAnswering":      arch.QuestionAnswering,
		"BertForMaskedLM":               arch.MaskedLM,
	},
	New: newNetwork,
}

func newNetwork(c *arch.Config, task string) (arch.Network, error) {
	n := arch.ReadBERT(c, "bert", task)
	n.About.TokenTypes = true
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
			Dense: "bert.pooler.dense", Activation: graph.Tanh, Classifier: "classifier",
			Hidden: hidden, Classes: classes, Dropout: dropout, Problem: n.Problem,
		}
	case arch.TokenClass:
		return &arch.TokenHead{Classifier: "classifier", Hidden: hidden, Classes: classes, Dropout: dropout}
	case arch.QuestionAnswering:
		return &arch.SpanHead{Path: "qa_outputs", Hidden: hidden}
	case arch.MaskedLM:
		const lm = "cls.predictions"
		return &arch.MaskedHead{
			Transform: lm + ".transform.dense", Norm: lm + ".transform.LayerNorm", Decoder: lm + ".decoder", Bias: lm + ".bias",
			Words: n.Embed.Path + ".word_embeddings.weight", Hidden: hidden, Vocab: n.About.Vocab, Eps: n.Blocks.Eps, Activation: n.Blocks.Activation,
		}
	}
	return &arch.BareHead{Pooler: "pooler.dense", Hidden: hidden, Pooled: hidden, Activation: graph.Tanh}
}
