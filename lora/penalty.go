package lora

import (
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"

	"github.com/gopeft/gopeft/peft/seam"
)

// regular is the method where a variant adds a term to the loss of training. In HF PEFT its users add the terms themselves.
type regular struct{ *method }

var _ seam.Regularizer = regular{}

// Penalty implements seam.Regularizer.
func (m regular) Penalty(at *seam.At) *seam.Node {
	if !at.Training() {
		return nil
	}
	if m.c.MonteCLoRA != nil {
		return m.montePenalty(at)
	}
	return m.kasaPenalty(at)
}

// kasaPenalty is beta Σ d² + gamma (‖BᵀB - I‖ + ‖AAᵀ - I‖), summed over all sites.
func (m *method) kasaPenalty(at *seam.At) *seam.Node {
	k := seam.WithDefaults(*m.c.KaSA)
	var total *seam.Node
	for _, site := range at.SitesWith(nameDiagonal) {
		a, b, d := at.ParamOf(site, nameA), at.ParamOf(site, nameB), at.ParamOf(site, nameDiagonal)
		skew := graph.Add(distance(graph.MatMul(graph.Transpose(b, 0, 1), b)), distance(graph.MatMul(a, graph.Transpose(a, 0, 1))))
		term := graph.Add(graph.MulScalar(graph.ReduceAllSum(graph.Square(d)), k.Beta), graph.MulScalar(skew, k.Gamma))
		if total == nil {
			total = term
		} else {
			total = graph.Add(total, term)
		}
	}
	return total
}

// distance is the Frobenius norm of x - I; where that is 0 its gradient is 0.
func distance(x *seam.Node) *seam.Node {
	r := x.Shape().Dimensions[0]
	index := func(axis int) *seam.Node { return graph.Iota(x.Graph(), shapes.Make(dtypes.Int32, r, r), axis) }
	eye := graph.ConvertDType(graph.Equal(index(0), index(1)), x.DType())
	sum := graph.ReduceAllSum(graph.Square(graph.Sub(x, eye)))
	return graph.Sqrt(graph.MaxScalar(sum, 1e-30))
}
