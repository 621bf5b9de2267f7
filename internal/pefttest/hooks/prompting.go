package hooks

import (
	"github.com/gomlx/gomlx/core/graph"

	"github.com/gopeft/gopeft/peft"
)

// Virtual holds the fields that HF PEFT writes for every method of learned tokens. Zero values are null, and taken
// from the backbone.
type Virtual struct {
	Tokens     int `json:"num_virtual_tokens" default:"null"`
	TokenDim   int `json:"token_dim" default:"null"`
	Heads      int `json:"num_attention_heads" default:"null"`
	Layers     int `json:"num_layers" default:"null"`
	Submodules int `json:"num_transformer_submodules" default:"null"`
}

// embeddings is the name and the key of the learned tokens.
const embeddings = "prompt_embeddings"

func (v *Virtual) check() error {
	if v.Tokens < 1 {
		return peft.Fieldf("num_virtual_tokens", "must be at least 1, is %d", v.Tokens)
	}
	return nil
}

// param is [tokens, width] for the whole adapter, started like torch's embeddings.
func (v *Virtual) param(width int) peft.Param {
	return peft.Param{Name: embeddings, Key: embeddings, Shape: []int{v.Tokens, width}, Init: peft.Normal(1)}
}

// VirtualTokens implements peft.Prompter.
func (v *Virtual) VirtualTokens() int { return v.Tokens }

// SavedPrefix is what HF PEFT puts before a saved module's path in prompt learning.
func (v *Virtual) SavedPrefix() string { return "base_model." }

// before puts first [n, …] in front of every row of x [batch, sequence, …].
func before(first, x *peft.Node) *peft.Node {
	dims := x.Shape().Clone().Dimensions
	dims[1] = first.Shape().Dimensions[0]
	return graph.Concatenate([]*peft.Node{graph.BroadcastToDims(graph.InsertAxes(first, 0), dims...), x}, 1)
}

// unmasked puts n attended columns in front of a mask [batch, sequence].
func unmasked(mask *peft.Node, n int) *peft.Node {
	batch := mask.Shape().Dimensions[0]
	ones := graph.BroadcastToDims(graph.Const(mask.Graph(), true), batch, n)
	return graph.Concatenate([]*peft.Node{ones, mask}, 1)
}
