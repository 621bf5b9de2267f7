package bert

import (
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/graph"

	"github.com/gopeft/gopeft/models/arch"
	"github.com/gopeft/gopeft/peft"
)

// head turns hidden states [batch, sequence, hidden] into the task's outputs, and a loss where there are labels.
func (n *network) head(c *peft.Call, in peft.Nodes, x *peft.Node, seq peft.Sequence) peft.Nodes {
	out := peft.Nodes{}
	labels := in["labels"]
	switch n.task {
	case arch.SequenceClass:
		logits := c.Linear("classifier", c.Dropout(n.pool(c, x), n.headDrop))
		out["logits"] = logits
		if labels != nil {
			out["loss"] = arch.SequenceLoss(logits, labels, n.problem)
		}
	case arch.TokenClass:
		logits := c.Linear("classifier", c.Dropout(x, n.headDrop))
		out["logits"] = logits
		if labels != nil {
			out["loss"] = tokenLoss(logits, labels)
		}
	case arch.QuestionAnswering:
		logits := c.Linear("qa_outputs", x)
		start, end := column(logits, 0), column(logits, 1)
		out["start_logits"], out["end_logits"] = start, end
		if s, e := in["start_positions"], in["end_positions"]; s != nil && e != nil {
			out["loss"] = arch.SpanLoss(start, end, s, e)
		}
	case arch.MaskedLM:
		lm := "cls.predictions"
		h := c.Norm(lm+".transform.LayerNorm", n.activation(c.Linear(lm+".transform.dense", x)), n.eps)
		logits := c.Linear(lm+".decoder", h)
		out["logits"] = logits
		if labels != nil {
			out["loss"] = tokenLoss(logits, labels)
		}
	default:
		out["last_hidden_state"] = x
		out["cls_embedding"] = first(x)
		out["mean_embedding"] = mean(x, seq.Mask)
		if c.Has(n.prefix + "pooler.dense.weight") {
			out["pooler_output"] = n.pool(c, x)
		}
	}
	return out
}

// pool is tanh of a linear map of the first column, as in the paper.
func (n *network) pool(c *peft.Call, x *peft.Node) *peft.Node {
	return graph.Tanh(c.Linear(n.prefix+"pooler.dense", first(x)))
}

// first is the first column of x [batch, sequence, hidden].
func first(x *peft.Node) *peft.Node {
	return graph.Squeeze(graph.Slice(x, graph.AxisRange(), graph.AxisElem(0)), 1)
}

// column takes one of the last axis.
func column(x *peft.Node, i int) *peft.Node {
	return graph.Squeeze(graph.Slice(x, graph.AxisRange(), graph.AxisRange(), graph.AxisElem(i)), 2)
}

// mean over the columns where the mask [batch, sequence] is true.
func mean(x, mask *peft.Node) *peft.Node {
	w := graph.InsertAxes(graph.ConvertDType(mask, dtypes.Float32), -1)
	total := graph.ReduceSum(graph.Mul(x, w), 1)
	count := graph.ReduceSum(w, 1)
	return graph.Div(total, graph.Max(count, graph.OnesLike(count)))
}

// tokenLoss is the cross-entropy over all tokens of logits [batch, sequence, classes].
func tokenLoss(logits, labels *peft.Node) *peft.Node {
	classes := logits.Shape().Dimensions[2]
	return arch.CrossEntropy(graph.Reshape(logits, -1, classes), graph.Reshape(labels, -1), arch.IgnoreIndex)
}
