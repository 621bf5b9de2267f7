package arch

import (
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/graph"

	"github.com/gopeft/gopeft/peft/seam"
)

// IgnoreIndex is the label of what is not to be learned, as padding: losses leave it out, as in torch.
const IgnoreIndex = -100

// CrossEntropy is the mean over the labels that are not ignored of -log softmax(logits)[label], for logits [n, classes]
// and integer labels [n]. Where all are ignored it is NaN, as in torch.
func CrossEntropy(logits, labels *seam.Node, ignore int) *seam.Node {
	g := logits.Graph()
	classes := logits.Shape().Dimensions[1]
	labels = graph.ConvertDType(labels, dtypes.Int32)
	counts := graph.NotEqual(labels, graph.Scalar(g, dtypes.Int32, ignore))
	weight := graph.ConvertDType(counts, dtypes.Float32)
	safe := graph.Where(counts, labels, graph.ZerosLike(labels))
	picked := graph.ReduceSum(graph.Mul(logits, graph.OneHot(safe, classes, dtypes.Float32)), -1)
	loss := graph.Mul(graph.Sub(logSumExp(logits), picked), weight)
	return graph.Div(graph.ReduceAllSum(loss), graph.ReduceAllSum(weight))
}

// logSumExp over the last axis.
func logSumExp(x *seam.Node) *seam.Node {
	top := graph.StopGradient(graph.ReduceAndKeep(x, graph.ReduceMax, -1))
	sum := graph.ReduceSum(graph.Exp(graph.Sub(x, top)), -1)
	return graph.Add(graph.Log(sum), graph.Squeeze(top, -1))
}

// SequenceLoss is the loss of a sequence classification head as transformers chooses it: mean squared error for one
// label, binary cross-entropy for float labels [batch, classes], cross-entropy otherwise; problem names one of the
// three (problem_type) or is "".
func SequenceLoss(logits, labels *seam.Node, problem string) *seam.Node {
	classes := logits.Shape().Dimensions[1]
	switch {
	case problem == "regression" || problem == "" && classes == 1:
		labels = graph.Reshape(graph.ConvertDType(labels, dtypes.Float32), logits.Shape().Dimensions...)
		return graph.ReduceAllMean(graph.Square(graph.Sub(logits, labels)))
	case problem == "multi_label_classification" || problem == "" && labels.DType().IsFloat():
		return binaryCrossEntropy(logits, graph.ConvertDType(labels, dtypes.Float32))
	}
	return CrossEntropy(logits, graph.Reshape(labels, -1), IgnoreIndex)
}

// binaryCrossEntropy is the mean of max(x, 0) - x y + log(1 + exp(-|x|)).
func binaryCrossEntropy(x, y *seam.Node) *seam.Node {
	soft := graph.Log1P(graph.Exp(graph.Neg(graph.Abs(x))))
	return graph.ReduceAllMean(graph.Add(graph.Sub(graph.Max(x, graph.ZerosLike(x)), graph.Mul(x, y)), soft))
}

// SpanLoss is the mean of the cross-entropies of start and end positions [batch] over the columns of the logits
// [batch, sequence]; positions outside the sequence are ignored.
func SpanLoss(start, end, startAt, endAt *seam.Node) *seam.Node {
	length := start.Shape().Dimensions[1]
	one := func(logits, at *seam.Node) *seam.Node {
		at = graph.ConvertDType(graph.Reshape(at, -1), dtypes.Int32)
		at = graph.Max(at, graph.ZerosLike(at))
		return CrossEntropy(logits, graph.Min(at, graph.Scalar(at.Graph(), dtypes.Int32, length)), length)
	}
	return graph.DivScalar(graph.Add(one(start, startAt), one(end, endAt)), 2)
}
