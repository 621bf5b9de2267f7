package roberta

import (
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"

	"github.com/gopeft/gopeft/peft/seam"
)

// positions places columns as transformers does: a token at pad + its number, from 1, among the row's ids that are not
// pad, and padding at pad. Where adapters put embeddings in front, whose ids nobody knows, columns are numbered from
// pad+1 whatever they hold.
func positions(pad int) func(ids *seam.Node, seq seam.Sequence) *seam.Node {
	return func(ids *seam.Node, seq seam.Sequence) *seam.Node {
		g, d := ids.Graph(), seq.Embeds.Shape().Dimensions
		if seq.Virtual > 0 {
			return graph.AddScalar(graph.Iota(g, shapes.Make(dtypes.Int32, d[0], d[1]), 1), seq.Start+pad+1)
		}
		token := graph.ConvertDType(graph.NotEqual(ids, graph.Scalar(g, ids.DType(), pad)), dtypes.Int32)
		number := graph.AddScalar(graph.CumSum(token, 1), seq.Start)
		return graph.AddScalar(graph.Mul(number, token), pad)
	}
}
