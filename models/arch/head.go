package arch

import (
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/graph"

	"github.com/gopeft/gopeft/peft"
)

// Head is the last part of a network: it makes a task's outputs of hidden states.
type Head interface {
	// Sites lists the head's places where adapters may act.
	Sites() []peft.Site
	// Values lists the tensors that the head needs.
	Values() []Value
	// Outputs makes the outputs, under their names in transformers, of hidden states x [batch, sequence, hidden]. The mask
	// [batch, sequence] is true for tokens, false for padding. Where the arguments in hold labels, "loss" is among them.
	Outputs(c *peft.Call, in peft.Nodes, x, mask *peft.Node) peft.Nodes
}

// SequenceHead classifies a whole sequence by the hidden state of its first token: "logits" [batch, classes].
type SequenceHead struct {
	// Classifier is the path of the linear map to the classes. Dense is that of one in front of it that keeps the width, as
	// BERT's pooler, and Activation follows that one; "" where there is none.
	Dense, Classifier string
	Activation        func(*peft.Node) *peft.Node
	Hidden, Classes   int
	// Dropout shares while training: in front of Dense and of Classifier.
	DenseDropout, Dropout float64
	Problem               string // problem_type, see SequenceLoss
}

// Sites implements Head.
func (h *SequenceHead) Sites() []peft.Site {
	var out []peft.Site
	if h.Dense != "" {
		out = append(out, peft.Site{Path: h.Dense, Kind: peft.Linear, Role: "pooler", Layer: -1, In: h.Hidden, Out: h.Hidden})
	}
	return append(out, headSite(h.Classifier, h.Hidden, h.Classes))
}

// Values implements Head.
func (h *SequenceHead) Values() []Value { return AsHead(SiteValues(h.Sites())) }

// Outputs implements Head.
func (h *SequenceHead) Outputs(c *peft.Call, in peft.Nodes, x, _ *peft.Node) peft.Nodes {
	x = first(x)
	if h.Dense != "" {
		x = h.Activation(c.Linear(h.Dense, c.Dropout(x, h.DenseDropout)))
	}
	out := peft.Nodes{"logits": c.Linear(h.Classifier, c.Dropout(x, h.Dropout))}
	if labels := in["labels"]; labels != nil {
		out["loss"] = SequenceLoss(out["logits"], labels, h.Problem)
	}
	return out
}

// TokenHead classifies every token: "logits" [batch, sequence, classes].
type TokenHead struct {
	Classifier      string
	Hidden, Classes int
	Dropout         float64
}

// Sites implements Head.
func (h *TokenHead) Sites() []peft.Site {
	return []peft.Site{headSite(h.Classifier, h.Hidden, h.Classes)}
}

// Values implements Head.
func (h *TokenHead) Values() []Value { return AsHead(SiteValues(h.Sites())) }

// Outputs implements Head.
func (h *TokenHead) Outputs(c *peft.Call, in peft.Nodes, x, _ *peft.Node) peft.Nodes {
	return tokenOutputs(c.Linear(h.Classifier, c.Dropout(x, h.Dropout)), in["labels"])
}

// SpanHead finds where in a sequence an answer starts and ends: "start_logits" and "end_logits" [batch, sequence].
type SpanHead struct {
	Path    string
	Hidden  int
	Dropout float64
}

// Sites implements Head.
func (h *SpanHead) Sites() []peft.Site { return []peft.Site{headSite(h.Path, h.Hidden, 2)} }

// Values implements Head.
func (h *SpanHead) Values() []Value { return AsHead(SiteValues(h.Sites())) }

// Outputs implements Head.
func (h *SpanHead) Outputs(c *peft.Call, in peft.Nodes, x, _ *peft.Node) peft.Nodes {
	logits := c.Linear(h.Path, c.Dropout(x, h.Dropout))
	start, end := column(logits, 0), column(logits, 1)
	out := peft.Nodes{"start_logits": start, "end_logits": end}
	if s, e := in["start_positions"], in["end_positions"]; s != nil && e != nil {
		out["loss"] = SpanLoss(start, end, s, e)
	}
	return out
}

// BareHead stands in a network without a head. It gives the hidden states as "last_hidden_state" [batch, sequence, hidden],
// "pooler_output" [batch, pooled] where the checkpoint has a pooler, and two embeddings of whole sequences that transformers
// leaves to its users, [batch, hidden]: "cls_embedding", the first token's state, and "mean_embedding", the mean over the
// tokens.
type BareHead struct {
	// Pooler is the path of a linear map of the first column, which Activation follows; "" where the family has none.
	Pooler         string
	Hidden, Pooled int // widths; the second is the pooler's
	Activation     func(*peft.Node) *peft.Node
}

// Sites implements Head.
func (h *BareHead) Sites() []peft.Site {
	if h.Pooler == "" {
		return nil
	}
	return []peft.Site{{Path: h.Pooler, Kind: peft.Linear, Role: "pooler", Layer: -1, In: h.Hidden, Out: h.Pooled}}
}

// Values implements Head.
func (h *BareHead) Values() []Value {
	out := SiteValues(h.Sites())
	for i := range out {
		out[i].Optional = true
	}
	return out
}

// Outputs implements Head.
func (h *BareHead) Outputs(c *peft.Call, _ peft.Nodes, x, mask *peft.Node) peft.Nodes {
	out := peft.Nodes{"last_hidden_state": x, "cls_embedding": first(x), "mean_embedding": mean(x, mask)}
	if h.Pooler != "" && c.Has(h.Pooler+".weight") {
		out["pooler_output"] = h.Activation(c.Linear(h.Pooler, first(x)))
	}
	return out
}

func headSite(path string, in, out int) peft.Site {
	return peft.Site{Path: path, Kind: peft.Linear, Role: "head", Layer: -1, In: in, Out: out}
}

// tokenOutputs are logits [batch, sequence, classes] and their cross-entropy over all tokens. Labels [batch, tokens] are
// those of the last columns: an adapter's virtual tokens, in front, have none.
func tokenOutputs(logits, labels *peft.Node) peft.Nodes {
	out := peft.Nodes{"logits": logits}
	if labels != nil {
		d := logits.Shape().Dimensions
		labels = labelsBehind(labels, d[1])
		out["loss"] = CrossEntropy(graph.Reshape(logits, -1, d[2]), graph.Reshape(labels, -1), IgnoreIndex)
	}
	return out
}

// labelsBehind puts ignored labels in front of labels [batch, tokens] until there are so many columns.
func labelsBehind(labels *peft.Node, columns int) *peft.Node {
	d := labels.Shape().Dimensions
	if d[1] == columns {
		return labels
	}
	labels = graph.ConvertDType(labels, dtypes.Int32)
	ignored := graph.BroadcastToDims(graph.Scalar(labels.Graph(), dtypes.Int32, IgnoreIndex), d[0], columns-d[1])
	return graph.Concatenate([]*peft.Node{ignored, labels}, 1)
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
