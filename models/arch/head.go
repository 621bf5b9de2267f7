package arch

import (
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/graph"

	"github.com/gopeft/gopeft/peft/seam"
)

// Head is the last part of a network: it makes a task's outputs of hidden states.
type Head interface {
	// Sites lists the head's places where adapters may act.
	Sites() []seam.Site
	// Values lists the tensors that the head needs.
	Values() []Value
	// Outputs makes the outputs, under their names in transformers, of hidden states x [batch, sequence, hidden]. The mask
	// [batch, sequence] is true for tokens, false for padding. Where the arguments in hold labels, "loss" is among them.
	Outputs(c *seam.Call, in seam.Nodes, x, mask *seam.Node) seam.Nodes
}

// SequenceHead classifies a whole sequence by the hidden state of its first token: "logits" [batch, classes].
type SequenceHead struct {
	// Classifier is the path of the linear map to the classes. Dense is that of one in front of it that keeps the width, as
	// BERT's pooler, and Activation follows that one; "" where there is none.
	Dense, Classifier string
	Activation        func(*seam.Node) *seam.Node
	Hidden, Classes   int
	// Dropout shares while training: in front of Dense and of Classifier.
	DenseDropout, Dropout float64
	Problem               string // problem_type, see SequenceLoss
}

// Sites implements Head.
func (h *SequenceHead) Sites() []seam.Site {
	var out []seam.Site
	if h.Dense != "" {
		out = append(out, seam.Site{Path: h.Dense, Kind: seam.Linear, Role: "pooler", Layer: -1, In: h.Hidden, Out: h.Hidden})
	}
	return append(out, headSite(h.Classifier, h.Hidden, h.Classes))
}

// Values implements Head.
func (h *SequenceHead) Values() []Value { return AsHead(SiteValues(h.Sites())) }

// Outputs implements Head.
func (h *SequenceHead) Outputs(c *seam.Call, in seam.Nodes, x, _ *seam.Node) seam.Nodes {
	x = first(x)
	if h.Dense != "" {
		x = h.Activation(c.Linear(h.Dense, c.Dropout(x, h.DenseDropout)))
	}
	out := seam.Nodes{"logits": c.Linear(h.Classifier, c.Dropout(x, h.Dropout))}
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
func (h *TokenHead) Sites() []seam.Site {
	return []seam.Site{headSite(h.Classifier, h.Hidden, h.Classes)}
}

// Values implements Head.
func (h *TokenHead) Values() []Value { return AsHead(SiteValues(h.Sites())) }

// Outputs implements Head.
func (h *TokenHead) Outputs(c *seam.Call, in seam.Nodes, x, _ *seam.Node) seam.Nodes {
	return tokenOutputs(c.Linear(h.Classifier, c.Dropout(x, h.Dropout)), in["labels"])
}

// SpanHead finds where in a sequence an answer starts and ends: "start_logits" and "end_logits" [batch, sequence].
type SpanHead struct {
	Path    string
	Hidden  int
	Dropout float64
}

// Sites implements Head.
func (h *SpanHead) Sites() []seam.Site { return []seam.Site{headSite(h.Path, h.Hidden, 2)} }

// Values implements Head.
func (h *SpanHead) Values() []Value { return AsHead(SiteValues(h.Sites())) }

// Outputs implements Head.
func (h *SpanHead) Outputs(c *seam.Call, in seam.Nodes, x, _ *seam.Node) seam.Nodes {
	logits := c.Linear(h.Path, c.Dropout(x, h.Dropout))
	start, end := column(logits, 0), column(logits, 1)
	out := seam.Nodes{"start_logits": start, "end_logits": end}
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
	Activation     func(*seam.Node) *seam.Node
}

// Sites implements Head.
func (h *BareHead) Sites() []seam.Site {
	if h.Pooler == "" {
		return nil
	}
	return []seam.Site{{Path: h.Pooler, Kind: seam.Linear, Role: "pooler", Layer: -1, In: h.Hidden, Out: h.Pooled}}
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
func (h *BareHead) Outputs(c *seam.Call, _ seam.Nodes, x, mask *seam.Node) seam.Nodes {
	out := seam.Nodes{"last_hidden_state": x, "cls_embedding": first(x), "mean_embedding": mean(x, mask)}
	if h.Pooler != "" && c.Has(h.Pooler+".weight") {
		out["pooler_output"] = h.Activation(c.Linear(h.Pooler, first(x)))
	}
	return out
}

func headSite(path string, in, out int) seam.Site {
	return seam.Site{Path: path, Kind: seam.Linear, Role: "head", Layer: -1, In: in, Out: out}
}

// tokenOutputs are logits [batch, sequence, classes] and their cross-entropy over all tokens. Labels [batch, tokens] are
// those of the last columns: an adapter's virtual tokens, in front, have none.
func tokenOutputs(logits, labels *seam.Node) seam.Nodes {
	out := seam.Nodes{"logits": logits}
	if labels != nil {
		d := logits.Shape().Dimensions
		labels = labelsBehind(labels, d[1])
		out["loss"] = CrossEntropy(graph.Reshape(logits, -1, d[2]), graph.Reshape(labels, -1), IgnoreIndex)
	}
	return out
}

// labelsBehind puts ignored labels in front of labels [batch, tokens] until there are so many columns.
func labelsBehind(labels *seam.Node, columns int) *seam.Node {
	d := labels.Shape().Dimensions
	if d[1] == columns {
		return labels
	}
	labels = graph.ConvertDType(labels, dtypes.Int32)
	ignored := graph.BroadcastToDims(graph.Scalar(labels.Graph(), dtypes.Int32, IgnoreIndex), d[0], columns-d[1])
	return graph.Concatenate([]*seam.Node{ignored, labels}, 1)
}

// first is the first column of x [batch, sequence, hidden].
func first(x *seam.Node) *seam.Node {
	return graph.Squeeze(graph.Slice(x, graph.AxisRange(), graph.AxisElem(0)), 1)
}

// column takes one of the last axis.
func column(x *seam.Node, i int) *seam.Node {
	return graph.Squeeze(graph.Slice(x, graph.AxisRange(), graph.AxisRange(), graph.AxisElem(i)), 2)
}

// mean over the columns where the mask [batch, sequence] is true.
func mean(x, mask *seam.Node) *seam.Node {
	w := graph.InsertAxes(graph.ConvertDType(mask, dtypes.Float32), -1)
	total := graph.ReduceSum(graph.Mul(x, w), 1)
	count := graph.ReduceSum(w, 1)
	return graph.Div(total, graph.Max(count, graph.OnesLike(count)))
}
