package arch

import (
	"fmt"

	"github.com/gomlx/compute"
	"github.com/gomlx/gomlx/core/graph"

	"github.com/gopeft/gopeft/peft/seam"
)

// run goes over the frames in both directions at once. forward [frames, rows, states] is the log probability of all
// beginnings of paths that end in a frame and state, its own emission included; backward that of all ends that start
// there, without it; total [rows] that of all paths.
//
// The loop's body sees nothing but its state: XLA's functions capture no values. That is also why it makes constants with
// graph.Const, never with what keeps them for the whole graph, as graph.Scalar does.
func (p *ctcPaths) run(emit *seam.Node) (forward, backward, total *seam.Node) {
	g, zeros := emit.Graph(), graph.ZerosLike(emit)
	counter := func(i int) *seam.Node { return graph.Const(g, int32(i)) }
	start := []*seam.Node{counter(0), counter(p.frames - 1), p.starts, p.ends, zeros, zeros, emit, p.skips, p.lengths, p.none}
	state := func(g *graph.Graph) []*seam.Node {
		in := make([]*seam.Node, len(start))
		for i, x := range start {
			in[i] = graph.Parameter(g, fmt.Sprintf("state%d", i), x.Shape())
		}
		return in
	}
	more := graph.NewClosure(g, func(g *graph.Graph) []*seam.Node {
		back := state(g)[1]
		return []*seam.Node{graph.GreaterOrEqual(back, graph.Const(g, int32(0)))}
	})
	body := graph.NewClosure(g, func(g *graph.Graph) []*seam.Node {
		in := state(g)
		step, back, alpha, beta := in[0], in[1], in[2], in[3]
		emit, skips, lengths, none := in[6], in[7], in[8], in[9]
		within := func(at *seam.Node) *seam.Node {
			short := graph.LessThan(graph.BroadcastToShape(at, lengths.Shape()), lengths)
			return graph.BroadcastToShape(graph.InsertAxes(short, -1), alpha.Shape())
		}
		one := graph.Const(g, int32(1))
		a := graph.Add(stepped(alpha, skips, none, 1), frame(emit, step))
		b := stepped(beta, skips, none, -1)
		return append([]*seam.Node{
			graph.Add(step, one), graph.Sub(back, one),
			graph.Where(within(step), a, alpha),
			graph.Where(within(back), graph.Add(b, frame(emit, back)), beta),
			put(in[4], step, a), put(in[5], back, b),
		}, in[6:]...)
	})
	out := graph.While(more, body, start...)
	return out[4], out[5], logSumExp(graph.Add(out[2], stepped(p.ends, p.skips, p.none, -1)))
}

// stepped is the log probability of a frame's states from those of the frame before it (by 1) or behind it (by -1): a
// path stays, goes on to the next state, or over a blank between different labels.
func stepped(x, skips, none *seam.Node, by int) *seam.Node {
	next, over := shifted(x, none, by), x
	if by < 0 {
		over = graph.Where(skips, x, none)
	}
	if over = shifted(over, none, 2*by); by > 0 {
		over = graph.Where(skips, over, none)
	}
	top := graph.Max(x, graph.Max(next, over))
	part := func(x *seam.Node) *seam.Node { return graph.Exp(graph.Sub(x, top)) }
	return graph.Add(top, graph.Log(graph.Add(part(x), graph.Add(part(next), part(over)))))
}

// shifted moves the states of x [rows, states] by some places; those of fill come in.
func shifted(x, fill *seam.Node, by int) *seam.Node {
	n := x.Shape().Dimensions[1]
	switch {
	case by >= n || by <= -n:
		return fill
	case by > 0:
		return graph.Concatenate([]*seam.Node{columns(fill, 0, by), columns(x, 0, n-by)}, 1)
	}
	return graph.Concatenate([]*seam.Node{columns(x, -by, n), columns(fill, 0, -by)}, 1)
}

// columns takes the columns from up to to of x [rows, columns].
func columns(x *seam.Node, from, to int) *seam.Node {
	return graph.Slice(x, graph.AxisRange(), graph.AxisRange(from, to))
}

// frame takes one frame of x [frames, rows, states].
func frame(x, at *seam.Node) *seam.Node {
	return graph.Gather(x, graph.Reshape(at, 1))
}

// put sets one frame, which is 0, of x [frames, rows, states] to v in place. The pure-Go engine has no
// DynamicUpdateSlice, and go-xla no ScatterSum inside of a loop.
func put(x, at, v *seam.Node) *seam.Node {
	v = graph.InsertAxes(v, 0)
	if x.Graph().Backend().Capabilities().Operations[compute.OpTypeDynamicUpdateSlice] {
		zero := graph.Const(x.Graph(), int32(0))
		return graph.DynamicUpdateSlice(x, v, []*seam.Node{at, zero, zero})
	}
	return graph.ScatterSum(x, graph.Reshape(at, 1, 1), v, true, true)
}
