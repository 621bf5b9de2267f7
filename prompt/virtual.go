package prompt

import "github.com/gopeft/gopeft/peft/seam"

// Virtual holds the fields that HF PEFT has for every method of virtual tokens. Embed it in a config. All but the first
// are facts of the backbone: zero values (null) are filled in from it when the adapter is saved, others must be right.
type Virtual struct {
	// Tokens is the number of virtual tokens, at least 1.
	Tokens int `json:"num_virtual_tokens" default:"null"`
	// TokenDim is the width of an embedding, or of the keys of one layer.
	TokenDim int `json:"token_dim" default:"null"`
	// Heads is the number of attention heads; for a prefix those of keys and values.
	Heads int `json:"num_attention_heads" default:"null"`
	// Layers is the number of blocks, of the encoder where there are two stacks.
	Layers int `json:"num_layers" default:"null"`
	// Submodules is the number of stacks: 2 for an encoder-decoder, else 1.
	Submodules int `json:"num_transformer_submodules" default:"null"`
}

// Names of the learned tokens: in the file, and while they train.
const (
	Embeddings = "prompt_embeddings"
	Embedding  = "prompt_encoder.embedding.weight"
)

// Check looks at the settings alone.
func (v *Virtual) Check() error {
	if v.Tokens < 1 {
		return seam.Fieldf("num_virtual_tokens", "must be at least 1, is %d", v.Tokens)
	}
	return nil
}

// Fill gives the fields as a backbone has them. Settings that say otherwise are an error.
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

// Param is the value of learned tokens [rows, width] as it is saved, started like torch's embeddings.
func Param(rows, width int) seam.Param {
	return seam.Param{Name: Embeddings, Key: Embeddings, Alias: Embedding, Shape: []int{rows, width}, Init: seam.Normal(1)}
}

// VirtualTokens implements seam.Prompter.
func (v *Virtual) VirtualTokens() int { return v.Tokens }

// SavedPrefix implements seam.SavedPrefixer: what HF PEFT puts before a saved module's path.
func (v *Virtual) SavedPrefix() string { return "base_model." }
