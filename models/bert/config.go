package bert

import (
	"github.com/gopeft/gopeft/models/arch"
	"github.com/gopeft/gopeft/peft"
)

// Family registers model_type "bert".
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

// network is BERT for one config and task. It holds no values.
type network struct {
	info       peft.Info
	task       string
	prefix     string // "bert." or ""
	inner      int    // width of the feed-forward
	positions  int
	types      int
	eps        float64
	activation func(*peft.Node) *peft.Node
	// Dropout shares: of hidden states, of attention probabilities, and before a classifier.
	drop, attnDrop, headDrop float64
	problem                  string
}

func newNetwork(c *arch.Config, task string) (arch.Network, error) {
	n := &network{
		task: task, inner: c.Size("intermediate_size", 3072), positions: c.Size("max_position_embeddings", 512),
		types: c.Size("type_vocab_size", 2), eps: arch.Get(c, "layer_norm_eps", 1e-12),
		drop: c.Rate("hidden_dropout_prob", 0.1), attnDrop: c.Rate("attention_probs_dropout_prob", 0.1),
		problem: arch.Get(c, "problem_type", ""),
	}
	n.headDrop = c.Rate("classifier_dropout", n.drop)
	n.info = peft.Info{
		ModelType: "bert", Task: task, Hidden: c.Size("hidden_size", 768), Layers: c.Size("num_hidden_layers", 12),
		Heads: c.Size("num_attention_heads", 12), Vocab: c.Size("vocab_size", 30522), MaxPositions: n.positions, TokenTypes: true,
	}
	if task != arch.Encoder {
		n.prefix, n.info.Prefix = "bert.", "bert"
	}
	if task == arch.SequenceClass || task == arch.TokenClass {
		n.info.Labels = c.Labels()
	}
	if n.info.Hidden%n.info.Heads != 0 {
		c.Failf("num_attention_heads", "%d does not divide hidden_size %d", n.info.Heads, n.info.Hidden)
	}
	n.info.HeadDim = n.info.Hidden / n.info.Heads
	act, ok := arch.Activation(arch.Get(c, "hidden_act", "gelu"))
	if !ok {
		c.Failf("hidden_act", "%q is not supported", arch.Get(c, "hidden_act", ""))
	}
	n.activation = act
	if !(n.eps > 0) {
		c.Failf("layer_norm_eps", "must be positive, is %v", n.eps)
	}
	// What else changes the numbers.
	arch.Only(c, "position_embedding_type", "absolute")
	arch.Only(c, "is_decoder", false)
	arch.Only(c, "add_cross_attention", false)
	arch.Only(c, "is_encoder_decoder", false)
	arch.Only(c, "problem_type", "", "regression", "single_label_classification", "multi_label_classification")
	if task == arch.MaskedLM {
		arch.Only(c, "tie_word_embeddings", true)
	}
	if len(arch.Get(c, "pruned_heads", map[string][]int{})) > 0 {
		c.Failf("pruned_heads", "are not supported")
	}
	if c.Has("quantization_config") {
		c.Failf("quantization_config", "is not supported")
	}
	return n, c.Err()
}

// Info implements peft.Model.
func (n *network) Info() peft.Info { return n.info }
