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

// LoRA's factors, as their paths name them.
const (
	factorA, factorB = ".lora_A.", ".lora_B."
	embeddingFactor  = ".lora_embedding_"
)

// pair is LoRA's A and B of one module, by their places among the parameters.
type pair struct{ a, b, rank int }

// loraPairs finds the modules that have both factors. embeddings says whether embeddings and convolutions count, too; a
// convolution in groups never does, for it is no product of two matrices.
func loraPairs(params []Variable, embeddings bool) []pair {
	var pairs []pair
	for a, p := range params {
		partner := strings.Replace(p.Path, factorA, factorB, 1)
		if partner == p.Path && embeddings {
			partner = strings.Replace(p.Path, embeddingFactor+"A", embeddingFactor+"B", 1)
		}
		if partner == p.Path || p.Shape.Rank() < 2 {
			continue
		}
		b := slices.IndexFunc(params, func(p Variable) bool { return p.Path == partner })
		if b < 0 || params[b].Shape.Rank() < 2 {
			continue
		}
		rank, of := p.Shape.Dimensions[0], params[b].Shape
		flat := p.Shape.Rank() == 2 && of.Rank() == 2
		if of.Size() == of.Dimensions[0]*rank && (flat || embeddings) {
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

// frozenFactor tells whether a path is that of an A of LoRA.
func frozenFactor(path string) bool {
	return strings.Contains(path, factorA) || strings.Contains(path, embeddingFactor+"A")
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
