package arch

import (
	"math"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"

	"github.com/gopeft/gopeft/peft/seam"
)

// CTC is connectionist temporal classification (Graves et al. 2006, "Connectionist Temporal Classification: Labelling
// Unsegmented Sequence Data with Recurrent Neural Networks"): the negative log probability that frames, each a class or
// a blank, read as a sequence of labels once repeats are merged and blanks left out.
type CTC struct {
	// Blank is the class that stands for no label.
	Blank int
	// Mean divides each loss by the number of its labels and takes the mean over the batch; else losses are summed.
	Mean bool
	// ZeroInfinity makes the loss of labels that no reading of so few frames gives 0, not +Inf. Such a row has no
	// gradient either way.
	ZeroInfinity bool
}

// Loss of logits [batch, frames, classes] whose first lengths [batch] frames count, and labels [batch, count], of which
// those that are IgnoreIndex or the blank are padding and left out. It has the gradient of the logits, by the
// forward-backward algorithm, and no second one. Graph-building.
func (o CTC) Loss(logits, lengths, labels *seam.Node) *seam.Node {
	labels, counts := o.compact(graph.ConvertDType(labels, dtypes.Int32))
	p := newCTCPaths(o.Blank, logits, graph.ConvertDType(lengths, dtypes.Int32), labels, counts)
	losses := p.losses(o.ZeroInfinity)
	if !o.Mean {
		return graph.ReduceAllSum(losses)
	}
	n := graph.ConvertDType(counts, dtypes.Float32)
	return graph.ReduceAllMean(graph.Div(losses, graph.Max(n, graph.OnesLike(n))))
}

// Read is the greedy reading of logits [batch, frames, classes], of whose frames the mask [batch, frames] tells which count:
// the likeliest class where a frame's is neither blank nor that of the frame before, IgnoreIndex elsewhere. int32 [batch,
// frames].
func (o CTC) Read(logits, mask *seam.Node) *seam.Node {
	best := graph.ArgMax(logits, -1, dtypes.Int32)
	ignored := graph.AddScalar(graph.ZerosLike(best), IgnoreIndex)
	blank := graph.AddScalar(graph.ZerosLike(best), o.Blank)
	new := graph.LogicalAnd(graph.NotEqual(best, shifted(best, ignored, 1)), graph.NotEqual(best, blank))
	return graph.Where(graph.LogicalAnd(new, mask), best, ignored)
}

// compact moves each row's labels to its front and counts them. What follows them is 0.
func (o CTC) compact(labels *seam.Node) (moved, counts *seam.Node) {
	g, d := labels.Graph(), labels.Shape().Dimensions
	blank, ignored := graph.Scalar(g, dtypes.Int32, o.Blank), graph.Scalar(g, dtypes.Int32, IgnoreIndex)
	kept := graph.ConvertDType(graph.LogicalAnd(graph.NotEqual(labels, blank), graph.NotEqual(labels, ignored)), dtypes.Int32)
	counts = graph.ReduceSum(kept, 1)
	// The place of a label is the number of those in front of it.
	square := shapes.Make(dtypes.Int32, d[0], d[1], d[1])
	row, col := graph.Iota(g, square, 1), graph.Iota(g, square, 2)
	each := graph.BroadcastToDims(graph.InsertAxes(kept, 1), square.Dimensions...)
	place := graph.ReduceSum(graph.Where(graph.LessThan(col, row), each, graph.ZerosLike(each)), 2)
	here := graph.Equal(graph.BroadcastToDims(graph.InsertAxes(place, 1), square.Dimensions...), row)
	value := graph.BroadcastToDims(graph.InsertAxes(graph.Mul(labels, kept), 1), square.Dimensions...)
	return graph.ReduceSum(graph.Where(here, value, graph.ZerosLike(value)), 2), counts
}

// impossible is a log probability of nothing. It is finite, so that differences are numbers.
const impossible = -1e30

// ctcPaths is the lattice of a batch: paths over states, which are the labels with a blank around each.
type ctcPaths struct {
	frames, rows, states int
	emit                 *seam.Node // [frames, rows, states], the log probability of a state's class
	skips                *seam.Node // [rows, states], true where a path may come from two states before
	starts, ends         *seam.Node // [rows, states], in front of the first frame and behind the last
	none                 *seam.Node // [rows, states], impossible
	lengths              *seam.Node // [rows]
}

func newCTCPaths(blank int, logits, lengths, labels, counts *seam.Node) *ctcPaths {
	g, d := logits.Graph(), logits.Shape().Dimensions
	p := &ctcPaths{frames: d[1], rows: d[0], states: 2*labels.Shape().Dimensions[1] + 1, lengths: lengths}
	class := p.classes(blank, labels)
	state := graph.Iota(g, class.Shape(), 1)
	p.skips = graph.NotEqual(class, shifted(class, graph.AddScalar(graph.ZerosLike(class), -1), 2))
	zero := graph.BroadcastToDims(graph.Scalar(g, dtypes.Float32, 0), p.rows, p.states)
	p.none = graph.AddScalar(zero, impossible)
	at := func(where *seam.Node) *seam.Node { return graph.Where(where, zero, p.none) }
	p.starts = at(graph.Equal(state, graph.ZerosLike(state)))
	last := graph.BroadcastToShape(graph.InsertAxes(graph.MulScalar(counts, 2), -1), state.Shape())
	p.ends = at(graph.Equal(state, last))
	// Rows of one class over the frames, so that what is taken lies in one piece.
	logProbs := graph.Sub(logits, graph.InsertAxes(logSumExp(logits), -1))
	byClass := graph.Reshape(graph.TransposeAllAxes(logProbs, 0, 2, 1), p.rows*d[2], p.frames)
	row := graph.MulScalar(graph.Iota(g, class.Shape(), 0), d[2])
	taken := graph.Gather(byClass, graph.InsertAxes(graph.Add(row, class), -1))
	p.emit = graph.TransposeAllAxes(taken, 2, 0, 1)
	return p
}

// classes puts a blank around each label: [rows, states].
func (p *ctcPaths) classes(blank int, labels *seam.Node) *seam.Node {
	blanks := graph.AddScalar(graph.ZerosLike(labels), float64(blank))
	pairs := graph.Reshape(graph.Stack([]*seam.Node{blanks, labels}, 2), p.rows, p.states-1)
	return graph.Concatenate([]*seam.Node{pairs, graph.BroadcastToDims(graph.Scalar(labels.Graph(), dtypes.Int32, blank), p.rows, 1)}, 1)
}

// losses [rows] with their gradient.
func (p *ctcPaths) losses(zeroInfinity bool) *seam.Node {
	g := p.emit.Graph()
	emit := graph.StopGradient(p.emit)
	forward, backward, total := p.run(emit)
	possible := graph.GreaterThan(total, graph.Scalar(g, dtypes.Float32, impossible/2))
	// The gradient by a state's log probability is the share of the paths that pass it (Graves' eq. 16), of which there are
	// as many in every frame: dividing by a frame's own sum is exact where total has lost digits.
	all := []int{p.frames, p.rows, p.states}
	over := func(v *seam.Node) *seam.Node { return graph.BroadcastToDims(graph.Reshape(v, 1, p.rows, 1), all...) }
	counts := graph.LessThan(graph.Iota(g, shapes.Make(dtypes.Int32, all...), 0), over(p.lengths))
	counts = graph.LogicalAnd(counts, over(possible))
	share := Softmax(graph.Add(forward, backward))
	share = graph.Where(counts, share, graph.ZerosLike(share))
	// Added is 0, and only its gradient matters: no loop has one.
	added := graph.ReduceSum(graph.Mul(graph.StopGradient(share), graph.Sub(p.emit, emit)), 0, 2)
	otherwise := math.Inf(1)
	if zeroInfinity {
		otherwise = 0
	}
	value := graph.Where(possible, graph.Neg(total), graph.BroadcastToDims(graph.Scalar(g, dtypes.Float32, otherwise), p.rows))
	return graph.Sub(graph.StopGradient(value), added)
}
