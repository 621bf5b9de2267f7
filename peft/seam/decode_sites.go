package seam

import (
	"fmt"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"
)

// input places the columns as transformers' generate does, by the tokens before them in their row, and passes them on to
// hooks.
//
// What these put in front is left out where HF PEFT's generate leaves it out: of a column that is not the first, since it
// is kept, and of an encoder-decoder's target. In front of a prompt it undoes the places: positions are then the columns'
// numbers.
func (s *step) input(in Sequence, hooks func(Sequence) Sequence) Sequence {
	columns := in.Embeds.Shape().Dimensions[1]
	if s.later() {
		in.Positions = graph.InsertAxes(s.next, -1)
		s.next = graph.AddScalar(s.next, 1)
		return lastColumns(hooks(in), columns)
	}
	count := graph.ConvertDType(in.Mask, dtypes.Int32)
	in.Positions = graph.Where(in.Mask, graph.AddScalar(graph.CumSum(count, 1), -1), graph.ZerosLike(count))
	s.next = graph.ReduceSum(count, 1)
	out := hooks(in)
	if s.encoder {
		return lastColumns(out, columns)
	}
	if s.virtual = out.Embeds.Shape().Dimensions[1] - columns; s.virtual > 0 {
		out.Positions = nil
		s.next = graph.BroadcastToDims(graph.AddScalar(s.Length, float64(s.virtual)), s.next.Shape().Dimensions...)
	}
	return out
}

// lastColumns takes n columns of a sequence from its end.
func lastColumns(seq Sequence, n int) Sequence {
	for _, x := range []**Node{&seq.Embeds, &seq.Mask, &seq.Types, &seq.Positions} {
		if *x != nil && (*x).Shape().Dimensions[1] > n {
			*x = graph.Slice(*x, graph.AxisRange(), graph.AxisRange(-n))
		}
	}
	seq.Virtual = 0
	return seq
}

// attention keeps keys and values. In the first step they pass; later ones see all that is kept.
func (s *step) attention(path string, kv KV) KV {
	if !s.later() {
		d := kv.K.Shape().Dimensions
		total := s.Capacity + s.virtual
		if d[1] > total {
			panic(fmt.Errorf("%d columns at %s are more than the %d that can be kept", d[1], path, total))
		}
		if s.mask == nil {
			s.mask = padColumns(kv.Mask, total)
		}
		s.kept = append(s.kept, padColumns(kv.K, total), padColumns(kv.V, total))
		return kv
	}
	if len(s.before) < 2 {
		panic(fmt.Errorf("%s has no past: the steps before did not attend there", path))
	}
	k, v := s.put(s.before[0], kv.K), s.put(s.before[1], kv.V)
	if len(s.kept) == 0 {
		s.mask = s.put(s.mask, kv.Mask)
	}
	s.before, s.kept = s.before[2:], append(s.kept, k, v)
	return KV{K: k, V: v, Mask: s.mask, Start: s.filled}
}

// padColumns puts zeros behind x [batch, columns, …] up to n columns.
func padColumns(x *Node, n int) *Node {
	shape := x.Shape().Clone()
	if shape.Dimensions[1] == n {
		return x
	}
	shape.Dimensions[1] = n - shape.Dimensions[1]
	return graph.Concatenate([]*Node{x, graph.Zeros(x.Graph(), shape)}, 1)
}

// put writes one column x [batch, 1, …] behind those of all [batch, columns, …] that are in use. Compilers join it with
// what reads the result, where an update in place would be one more pass.
func (s *step) put(all, x *Node) *Node {
	shape := all.Shape()
	here := graph.Equal(graph.Iota(all.Graph(), shapes.Make(dtypes.Int32, shape.Dimensions...), 1), s.filled)
	return graph.Where(here, graph.BroadcastToDims(x, shape.Dimensions...), all)
}

// remember keeps an encoder's keys and values; later steps don't make them.
func (s *step) remember(path string, make func() KV) KV {
	if !s.later() {
		kv := make()
		s.memory = append(s.memory, kv.K, kv.V, kv.Mask)
		return kv
	}
	if len(s.recall) < 3 {
		panic(fmt.Errorf("%s has no memory: the first step did not attend there", path))
	}
	kv := KV{K: s.recall[0], V: s.recall[1], Mask: s.recall[2]}
	s.recall = s.recall[3:]
	return kv
}
