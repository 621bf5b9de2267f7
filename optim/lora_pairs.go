package optim

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/graph"

	"github.com/gopeft/gopeft/internal/batched"
)

// The names of LoRA's factors, before the letter.
const factor, embeddingFactor = ".lora_", ".lora_embedding_"

// partner gives the path of the B of an A, "" for all other paths. A name ends the path or a part of it: AdaLoRA's A has no ".weight".
func partner(path, name string) string {
	at := strings.LastIndex(path, name+"A")
	if at < 0 {
		return ""
	}
	rest := path[at+len(name)+1:]
	if rest != "" && rest[0] != '.' {
		return ""
	}
	return path[:at] + name + "B" + rest
}

// pair is LoRA's A and B of one module, by their places among the parameters.
type pair struct{ a, b, rank int }

// loraPairs finds the modules that have both factors. all says whether embeddings and convolutions count, too; a convolution in
// groups never does, for it is no product of two matrices.
func loraPairs(params []Variable, all bool) []pair {
	var pairs []pair
	for a, p := range params {
		other := partner(p.Path, factor)
		if all && other == "" {
			other = partner(p.Path, embeddingFactor)
		}
		b := slices.IndexFunc(params, func(p Variable) bool { return p.Path == other })
		if b < 0 || p.Shape.Rank() < 2 || params[b].Shape.Rank() < 2 {
			continue
		}
		rank, of := p.Shape.Dimensions[0], params[b].Shape
		matrices := p.Shape.Rank() == 2 && of.Rank() == 2
		if of.Size() == of.Dimensions[0]*rank && (matrices || all) {
			pairs = append(pairs, pair{a, b, rank})
		}
	}
	return pairs
}

// pairwise is an optimiser that must see both factors of a pair, with their own gradients.
type pairwise interface{ needsPairs() }

// checkInner validates the optimiser that another one holds.
func checkInner(owner string, inner Optimizer) error {
	if v := reflect.ValueOf(inner); v.Kind() == reflect.Pointer && v.IsNil() {
		return &FieldError{owner, "Optimizer", nil, "an Optimizer"}
	}
	if _, ok := inner.(pairwise); ok {
		return &FieldError{owner, "Optimizer", fmt.Sprintf("%T", inner), "one that does not look at pairs of A and B itself"}
	}
	return inner.Validate()
}

// gram gives x xᵀ in float64 for an x of [rank, …], whose rows are what is behind the first axis.
func gram(x *graph.Node) *graph.Node {
	x = graph.ConvertDType(x, dtypes.Float64)
	return graph.MatMul(x, graph.Transpose(x, 0, 1))
}

// inverses inverts positive definite matrices. Those of one size are inverted together, so that the graph of a deep model stays
// small.
func inverses(matrices []*graph.Node) []*graph.Node {
	out := make([]*graph.Node, len(matrices))
	bySize := make(map[int][]int)
	var sizes []int // in order, for graphs must not depend on that of a map
	for i, m := range matrices {
		n := m.Shape().Dimensions[0]
		if bySize[n] == nil {
			sizes = append(sizes, n)
		}
		bySize[n] = append(bySize[n], i)
	}
	for _, n := range sizes {
		inverted := batched.Inverse(graph.Stack(pick(matrices, bySize[n]), 0))
		for k, i := range bySize[n] {
			out[i] = graph.Squeeze(graph.Slice(inverted, graph.AxisElem(k)), 0)
		}
	}
	return out
}

// damped adds x, a scalar, to the diagonal of a matrix.
func damped(m, x *graph.Node) *graph.Node {
	unit := graph.ConvertDType(batched.Identity(m.Graph(), m.Shape().Dimensions[0]), m.DType())
	return graph.Add(m, graph.Mul(unit, graph.ConvertDType(x, m.DType())))
}
