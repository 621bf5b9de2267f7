package gradient

import (
	"fmt"
	"reflect"
	"slices"

	"github.com/gomlx/gomlx/core/graph"
)

// product is a DotGeneral: for each element of the batch axes, a sum over the contracting axes.
type product struct{ left, right operand }

type operand struct {
	node                      *graph.Node
	contracting, batch, cross []int // axes; cross are the others, ascending
}

// productOf tells what a DotGeneral node multiplies, and whether it is a plain product, of one dtype throughout, with axes
// of its own on both sides.
//
// The axes of a node stand in no exported field of GoMLX's, so they are read by reflection; where that finds none, the
// product counts as not plain.
func productOf(n *graph.Node) (p product, ok bool) {
	fields := reflect.ValueOf(n).Elem().FieldByName("inputs")
	if !fields.IsValid() || fields.Kind() != reflect.Interface || fields.Elem().Kind() != reflect.Pointer {
		return p, false
	}
	fields = fields.Elem().Elem()
	if config := fields.FieldByName("config"); !config.IsValid() || !config.IsZero() || len(n.Inputs()) != 2 {
		return p, false
	}
	for i, side := range []struct {
		into *operand
		name string
	}{{&p.left, "lhs"}, {&p.right, "rhs"}} {
		side.into.node = n.Inputs()[i]
		contracting, ok1 := ints(fields.FieldByName(side.name + "ContractingAxes"))
		batch, ok2 := ints(fields.FieldByName(side.name + "BatchAxes"))
		if !ok1 || !ok2 || side.into.node.DType() != n.DType() {
			return p, false
		}
		side.into.contracting, side.into.batch = contracting, batch
		for axis := range side.into.node.Rank() {
			if !slices.Contains(contracting, axis) && !slices.Contains(batch, axis) {
				side.into.cross = append(side.into.cross, axis)
			}
		}
	}
	return p, len(p.left.cross) > 0 && len(p.right.cross) > 0
}

func ints(v reflect.Value) ([]int, bool) {
	if !v.IsValid() || v.Kind() != reflect.Slice || v.Type().Elem().Kind() != reflect.Int {
		return nil, false
	}
	out := make([]int, v.Len())
	for i := range out {
		out[i] = int(v.Index(i).Int())
	}
	return out, true
}

// adjoints gives the wanted ones of the two operands for the product's, whose axes are the batch's, then the left cross
// axes, then the right ones.
func (p product) adjoints(v *graph.Node, wanted []bool) []*graph.Node {
	out := make([]*graph.Node, 2)
	batch := len(p.left.batch)
	if wanted[0] {
		out[0] = p.left.adjoint(v, p.right, batch+len(p.left.cross))
	}
	if wanted[1] {
		out[1] = p.right.adjoint(v, p.left, batch)
	}
	return out
}

// adjoint multiplies the product's adjoint with the other operand over that one's cross axes, which stand from an axis of
// v on, and lays the result out as the operand is.
func (o operand) adjoint(v *graph.Node, other operand, from int) *graph.Node {
	y := graph.Dot(v, other.node).General(upFrom(from, len(other.cross)), upFrom(0, len(o.batch)), other.cross, other.batch)
	// Its axes: the batch's, this operand's cross axes, and the contracted ones in the order in which the other has them.
	axes := slices.Concat(o.batch, o.cross)
	for _, axis := range slices.Sorted(slices.Values(other.contracting)) {
		axes = append(axes, o.contracting[slices.Index(other.contracting, axis)])
	}
	order := make([]int, len(axes))
	for i, axis := range axes {
		order[axis] = i
	}
	if slices.IsSorted(order) {
		return y
	}
	return graph.TransposeAllAxes(y, order...)
}

// upFrom gives n numbers from one on.
func upFrom(first, n int) []int {
	out := make([]int, n)
	for i := range out {
		out[i] = first + i
	}
	return out
}

// recomputed reports whether a node is one of graph's gradient checkpoints.
func recomputed(n *graph.Node) bool {
	for _, name := range []string{"isCheckpointed", "needsRematerialization"} {
		if f := reflect.ValueOf(n).Elem().FieldByName(name); f.IsValid() && f.Kind() == reflect.Bool && f.Bool() {
			return true
		}
	}
	return false
}

func undifferentiable(n *graph.Node) error {
	return fmt.Errorf("there is no gradient of a %s", n.Type())
}
