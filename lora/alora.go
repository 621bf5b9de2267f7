package lora

import (
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"

	"github.com/gopeft/gopeft/peft/seam"
)

// Activated LoRA: Greenewald et al. 2025, arXiv:2504.12397. The adapter acts on the columns from the last place on where the
// invocation tokens stand.

// nameInvocation are the tokens [n], one value of the whole adapter.
const nameInvocation = "alora_invocation_tokens"

// noToken is what stands behind a shorter adapter's tokens beside a longer one's: it equals any token.
const noToken = -1

func (c *Config) validateInvocation() error {
	if c.InvocationTokens != nil && len(c.InvocationTokens) == 0 {
		return seam.Fieldf(fieldALoRA, "names no token")
	}
	for _, id := range c.InvocationTokens {
		if id < 0 {
			return seam.Fieldf(fieldALoRA, "%d is no token", id)
		}
	}
	return nil
}

// checkInvocation refuses a backbone whose tokens an adapter can't look at.
func (c *Config) checkInvocation(b *seam.Blueprint) error {
	if c.InvocationTokens == nil {
		return nil
	}
	tokens := false
	for _, s := range b.Sites {
		if s.Stack != "" {
			return seam.Fieldf(fieldALoRA, "is not for an encoder-decoder, whose text and answer are two")
		}
		tokens = tokens || s.Kind == seam.Embedding && s.Role == "embedding"
	}
	if !tokens {
		return seam.Fieldf(fieldALoRA, "is for backbones that read tokens")
	}
	for _, id := range c.InvocationTokens {
		if id >= b.Info.Vocab {
			return seam.Fieldf(fieldALoRA, "%d is outside 0..%d", id, b.Info.Vocab-1)
		}
	}
	return nil
}

func (c *Config) invocation() seam.Param {
	ids := make([]float32, len(c.InvocationTokens))
	for i, id := range c.InvocationTokens {
		ids[i] = float32(id) // exact for any vocabulary
	}
	return seam.Param{Name: nameInvocation, Shape: []int{len(ids)}, Const: ids, Fill: noToken}
}

// invoked marks where the adapter acts in y [batch, columns, …], or in y [batch, …] of whole rows: a bool of y's rank whose
// other axes are 1.
func invoked(at *seam.At, y *seam.Node) *seam.Node {
	ids := at.Argument("input_ids")
	if ids == nil {
		panic(seam.Inputf("input_ids", "are missing: an adapter with %s looks for its tokens in them", fieldALoRA))
	}
	columns := ids.Shape().Dimensions[1]
	first := at.Once("invoked", func() *seam.Node {
		// The decision is the prompt's: what is written later belongs to a row whose prompt holds the tokens.
		return at.Remember(func() *seam.Node { return invocation(at, ids) })
	})
	found := graph.GreaterOrEqual(first, graph.ZerosLike(first))
	dims := make([]int, y.Rank())
	for i := range dims {
		dims[i] = 1
	}
	dims[0] = ids.Shape().Dimensions[0]
	d := y.Shape().Dimensions
	if at.Continues() || y.Rank() < 3 || d[1] < columns {
		return graph.Reshape(found, dims...) // whole rows, or their last columns
	}
	dims[1] = d[1]
	place := graph.AddScalar(graph.Iota(y.Graph(), shapes.Make(dtypes.Int32, dims[0], d[1]), 1), float64(columns-d[1]))
	reached := graph.GreaterOrEqual(place, graph.BroadcastToDims(graph.Reshape(first, dims[0], 1), dims[0], d[1]))
	found = graph.BroadcastToDims(graph.Reshape(found, dims[0], 1), dims[0], d[1])
	return graph.Reshape(graph.LogicalAnd(reached, found), dims...)
}

// invocation finds the last place of the invocation tokens in ids [batch, columns]: int32 [batch], -1 where they are not.
// Padding is no place of theirs, also where it has the id of one.
func invocation(at *seam.At, ids *seam.Node) *seam.Node {
	ids = graph.ConvertDType(ids, dtypes.Int32)
	tokens := graph.ConvertDType(at.Global(nameInvocation), dtypes.Int32)
	batch, columns := ids.Shape().Dimensions[0], ids.Shape().Dimensions[1]
	n := tokens.Shape().Dimensions[tokens.Rank()-1]
	outside := graph.BroadcastToDims(graph.Scalar(ids.Graph(), dtypes.Int32, noToken-1), batch, columns)
	if mask := at.Argument("attention_mask"); mask != nil && mask.Rank() == 2 {
		ids = graph.Where(graph.NotEqual(mask, graph.ZerosLike(mask)), ids, outside)
	}
	ids = graph.Concatenate([]*seam.Node{ids, graph.BroadcastToDims(graph.Slice(outside, graph.AxisRange(), graph.AxisElem(0)), batch, n)}, 1)
	var match *seam.Node
	for j := range n {
		one := make([]graph.SliceAxisSpec, tokens.Rank())
		one[0] = graph.AxisRange()
		one[len(one)-1] = graph.AxisElem(j)
		token := graph.BroadcastToDims(graph.Reshape(graph.Slice(tokens, one...), -1, 1), batch, columns)
		here := graph.Slice(ids, graph.AxisRange(), graph.AxisRange(j, j+columns))
		is := graph.LogicalOr(graph.Equal(here, token), graph.Equal(token, graph.Scalar(ids.Graph(), dtypes.Int32, noToken)))
		if match == nil {
			match = is
		} else {
			match = graph.LogicalAnd(match, is)
		}
	}
	place := graph.Iota(ids.Graph(), shapes.Make(dtypes.Int32, batch, columns), 1)
	return graph.ReduceMax(graph.Where(match, place, graph.Scalar(ids.Graph(), dtypes.Int32, -1)), 1)
}
