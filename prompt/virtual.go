package prompt

import "github.com/gopeft/gopeft/peft/seam"

// Virtual holds the settings that the methods of virtual tokens have in common; their configs embed it. Tokens must
// be set. The others are facts of the model, which HF PEFT writes into its files: leave them 0, and they are filled
// in when the adapter is saved; values that are not the model's are an error.
type Virtual struct {
	// Tokens is the number of virtual tokens, at least 1. Texts must be shorter by as many.
	Tokens int `json:"num_virtual_tokens" default:"null"`
	// TokenDim is the width of an embedding or, for a prefix, of the keys of one layer.
	TokenDim int `json:"token_dim" default:"null"`
	// Heads is the number of attention heads; for a prefix that of keys and values.
	Heads int `json:"num_attention_heads" default:"null"`
	// Layers is the number of blocks; in an encoder-decoder that of the encoder.
	Layers int `json:"num_layers" default:"null"`
	// Submodules is the number of stacks of blocks: 2 for an encoder-decoder that writes text, else 1.
	Submodules int `json:"num_transformer_submodules" default:"null"`
}

// Names of the learned tokens, in the adapter's file and in HF PEFT while they train.
const (
	Embeddings = "prompt_embeddings"
	Embedding  = "prompt_encoder.embedding.weight"
)

// Check refuses settings that no model can have. Authors of methods call it in Config.Method.
func (v *Virtual) Check() error {
	if v.Tokens < 1 {
		return seam.Fieldf("num_virtual_tokens", "must be at least 1, is %d", v.Tokens)
	}
	return nil
}

// Fill gives the settings with the facts of a model, own, filled in. Those that are set to something else are an
// error that names them. Authors of methods call it.
func (v Virtual) Fill(own Virtual) (Virtual, error) {
	for _, f := range []struct {
		name     string
		set, own int
	}{
		{"token_dim", v.TokenDim, own.TokenDim}, {"num_attention_heads", v.Heads, own.Heads},
		{"num_layers", v.Layers, own.Layers}, {"num_transformer_submodules", v.Submodules, own.Submodules},
	} {
		if f.set != 0 && f.set != f.own {
			return v, seam.Fieldf(f.name, "is %d, this backbone has %d", f.set, f.own)
		}
	}
	own.Tokens = v.Tokens
	return own, nil
}

// Param describes the learned tokens [rows, width] as a value of an adapter. They start normally distributed with
// deviation 1, like torch's embeddings. Authors of methods call it in Plan.
func Param(rows, width int) seam.Param {
	return seam.Param{Name: Embeddings, Key: Embeddings, Alias: Embedding, Shape: []int{rows, width}, Init: seam.Normal(1)}
}

// VirtualTokens implements seam.Prompter.
func (v *Virtual) VirtualTokens() int { return v.Tokens }

// SavedPrefix implements seam.SavedPrefixer: HF PEFT writes "base_model." before the path of a module that is saved
// whole.
func (v *Virtual) SavedPrefix() string { return "base_model." }
