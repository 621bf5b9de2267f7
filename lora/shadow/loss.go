package shadow

import (
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"

	"github.com/gopeft/gopeft/peft/seam"
)

// Penalty implements seam.Regularizer: the loss of the small network's own predictions, from the first state.
func (m *method) Penalty(at *seam.At) *seam.Node {
	labels := at.Argument("labels")
	if labels == nil || m.c.LossWeight == 0 {
		return nil
	}
	state := m.first(at)
	var loss *seam.Node
	switch m.c.TaskType {
	case "CAUSAL_LM":
		loss = m.nextToken(at, state, labels)
	case "SEQ_CLS":
		loss = classes(at, state, labels)
	}
	if loss == nil {
		return nil
	}
	return graph.MulScalar(loss, m.c.LossWeight)
}

// nextToken is the cross-entropy of the model's own output layer on a state; nil where it has none.
func (m *method) nextToken(at *seam.At, state, labels *seam.Node) *seam.Node {
	for _, s := range at.Sites() {
		if !s.OutputEmbedding {
			continue
		}
		columns, all := labels.Shape().Dimensions[1], state.Shape().Dimensions[1]
		logits := at.Linear(s.Path, graph.Slice(state, graph.AxisRange(), graph.AxisRange(all-columns, all-1)))
		next := graph.Slice(labels, graph.AxisRange(), graph.AxisRange(1))
		return crossEntropy(graph.Reshape(logits, -1, s.Out), graph.Reshape(next, -1))
	}
	return nil
}

// classes is the loss of the copied classifier on the state of each row's last token; nil where there is no classifier.
func classes(at *seam.At, state, labels *seam.Node) *seam.Node {
	modules := at.SitesWith(nameHead + "weight")
	if len(modules) == 0 {
		return nil
	}
	d := state.Shape().Dimensions
	column := graph.Iota(at.Graph(), shapes.Make(dtypes.Int32, d[0], d[1]), 1)
	last := graph.ReduceAndKeep(graph.Where(at.Sequence().Mask, column, graph.ZerosLike(column)), graph.ReduceMax, 1)
	picked := graph.ConvertDType(graph.Equal(column, last), state.DType())
	pooled := graph.ReduceSum(graph.Mul(state, graph.InsertAxes(picked, -1)), 1)
	logits := at.Dense(pooled, at.ParamOf(modules[0], nameHead+"weight"))
	if bias := at.SitesWith(nameHead + "bias"); len(bias) > 0 {
		logits = graph.Add(logits, at.Spread(at.ParamOf(bias[0], nameHead+"bias"), logits))
	}
	switch n := logits.Shape().Dimensions[1]; {
	case n == 1:
		to := graph.Reshape(graph.ConvertDType(labels, logits.DType()), -1, 1)
		return graph.ReduceAllMean(graph.Square(graph.Sub(logits, to)))
	case labels.DType().IsFloat():
		to := graph.ConvertDType(labels, logits.DType())
		soft := graph.Log1P(graph.Exp(graph.Neg(graph.Abs(logits))))
		return graph.ReduceAllMean(graph.Add(graph.Sub(graph.Max(logits, graph.ZerosLike(logits)), graph.Mul(logits, to)), soft))
	}
	return crossEntropy(logits, graph.Reshape(labels, -1))
}

// crossEntropy is the mean over the labels [n] that are not -100 of -log softmax(logits [n, classes])[label].
func crossEntropy(logits, labels *seam.Node) *seam.Node {
	labels = graph.ConvertDType(labels, dtypes.Int32)
	counts := graph.NotEqual(labels, graph.Scalar(labels.Graph(), dtypes.Int32, -100))
	weight := graph.ConvertDType(counts, logits.DType())
	top := graph.StopGradient(graph.ReduceAndKeep(logits, graph.ReduceMax, -1))
	all := graph.Add(graph.Log(graph.ReduceSum(graph.Exp(graph.Sub(logits, top)), -1)), graph.Squeeze(top, -1))
	hot := graph.OneHot(graph.Where(counts, labels, graph.ZerosLike(labels)), logits.Shape().Dimensions[1], logits.DType())
	each := graph.Mul(graph.Sub(all, graph.ReduceSum(graph.Mul(logits, hot), -1)), weight)
	return graph.Div(graph.ReduceAllSum(each), graph.ReduceAllSum(weight))
}
