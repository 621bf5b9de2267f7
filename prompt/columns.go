package prompt

import (
	"slices"

	"github.com/gomlx/gomlx/core/graph"

	"github.com/gopeft/gopeft/peft/seam"
)

// Before puts learned columns, first [n, …], in front of every row of x [batch, columns, …]. It builds a graph, for
// authors of methods.
func Before(first, x *seam.Node) *seam.Node {
	dims := slices.Clone(x.Shape().Dimensions)
	dims[1] = first.Shape().Dimensions[0]
	return graph.Concatenate([]*seam.Node{graph.BroadcastToDims(graph.InsertAxes(first, 0), dims...), x}, 1)
}

// Attended puts n columns that may be attended to in front of a mask [batch, columns]. It builds a graph, for authors
// of methods.
func Attended(n int, mask *seam.Node) *seam.Node {
	ones := graph.BroadcastToDims(graph.Const(mask.Graph(), true), mask.Shape().Dimensions[0], n)
	return graph.Concatenate([]*seam.Node{ones, mask}, 1)
}

// KeepsTypes reports whether a text's token types reach the model under a task_type. HF PEFT drops them for
// FEATURE_EXTRACTION, CAUSAL_LM and SEQ_2_SEQ_LM, so that all tokens are of type 0.
func KeepsTypes(taskType string) bool {
	return taskType != "FEATURE_EXTRACTION" && taskType != "CAUSAL_LM" && taskType != "SEQ_2_SEQ_LM"
}
