// Package tokens trains the embeddings of some tokens and nothing else, as those that were added to a vocabulary, under HF PEFT's
// name for it, trainable tokens.
//
// The rows of these tokens in the embedding's weight [count, width] are replaced by values that train, and start as the rows are: a fresh adapter
// changes nothing. An output layer that shares the weight gets the same rows. A file holds them as trainable_tokens_delta [tokens,
// width] under the embedding; in spite of the name they are the rows themselves.
//
// Use it to teach a model new tokens, or old ones anew, for a few thousand values; lora.Config.Tokens does the same beside a LoRA.
// HF PEFT's run of Llama 3.2 3B on MetaMathQA with two tokens reached 24.6 %, LoRA of rank 32 47.8 %.
package tokens

import (
	"math"
	"slices"

	"github.com/gopeft/gopeft/lora/internal/rows"
	"github.com/gopeft/gopeft/peft/seam"
)

// Config is the settings of trainable tokens, for peft.Attach. TokenIndices must name some.
type Config struct {
	seam.Common

	// TokenIndices are the ids of the tokens whose embeddings train.
	TokenIndices []int `json:"token_indices" default:"[]"`
	// Targets says of which embeddings; see peft.Match. The zero value means the input embeddings.
	Targets seam.Targets `json:"target_modules" default:"null"`
	// InitWeights says that rows start as they are in the backbone; false draws them, for debugging. nil means true.
	InitWeights *bool `json:"init_weights" default:"true"`
}

func init() {
	seam.Register(seam.Spec{New: func() seam.Config { return new(Config) }, SavesNoModules: true})
}

// PEFTType implements seam.Config.
func (*Config) PEFTType() string { return "TRAINABLE_TOKENS" }

// SetTargets is called when the adapter is saved, with the modules that Targets has come to mean.
func (c *Config) SetTargets(t seam.Targets) { c.Targets = t }

// Method implements seam.Config.
func (c *Config) Method() (seam.Method, error) {
	m := &method{c: seam.WithDefaults(*c)}
	if len(m.c.TokenIndices) == 0 {
		return nil, seam.Fieldf(field, "names no token")
	}
	return m, nil
}

const field = "token_indices"

// trained are the values of an embedding.
var trained = rows.Rows{Values: "trainable_tokens_delta", Tokens: "tokens"}

// method is trainable tokens with resolved settings.
type method struct{ c Config }

var (
	_ seam.LinearHook    = (*method)(nil)
	_ seam.EmbeddingHook = (*method)(nil)
	_ seam.Merger        = (*method)(nil)
	_ seam.Rower         = (*method)(nil)
	_ seam.Initializer   = (*method)(nil)
	_ seam.Starter       = (*method)(nil)
)

// GraphKey implements seam.Method: ids are fed.
func (*method) GraphKey() string { return "" }

// RowsOK implements seam.Rower.
func (*method) RowsOK() bool { return true }

// Plan implements seam.Method.
func (m *method) Plan(b *seam.Blueprint) (*seam.Plan, error) {
	plan := &seam.Plan{Targets: m.c.Targets}
	var owners, have []string
	for _, s := range b.Sites {
		if s.Kind != seam.Embedding && !s.OutputEmbedding {
			continue
		}
		owner := b.Owner(s.Path)
		have = append(have, owner)
		meant := s.Kind == seam.Embedding && s.Role == "embedding"
		if !m.c.Targets.IsDefault() {
			byOwner, err := m.c.Targets.Means(owner)
			if err != nil {
				return nil, seam.Fieldf("target_modules", "%v", err)
			}
			own, err := m.c.Targets.Means(s.Path)
			if err != nil {
				return nil, seam.Fieldf("target_modules", "%v", err)
			}
			meant = byOwner || own
		}
		if !meant || slices.Contains(owners, owner) {
			continue
		}
		owners = append(owners, owner)
		if err := trained.Plan(b, plan, field, s, m.c.TokenIndices); err != nil {
			return nil, err
		}
	}
	if len(owners) == 0 {
		return nil, &seam.TargetError{Field: "target_modules", Name: m.c.Targets.String(), Near: have}
	}
	if m.c.Targets.IsDefault() {
		plan.Targets = seam.Match(owners...)
	}
	if !*m.c.InitWeights {
		for i := range plan.Params {
			if plan.Params[i].Name == trained.Values {
				plan.Params[i].Init = seam.Normal(1)
			}
		}
	}
	return plan, nil
}

// Initialize implements seam.Initializer.
func (m *method) Initialize(in *seam.Init) error {
	if !*m.c.InitWeights {
		return nil
	}
	started := map[string]bool{} // modules whose rows train; several sites may share one
	return in.EachSite(func(s seam.Site) error {
		owner := in.Owner(s.Path)
		if started[owner] {
			return nil
		}
		started[owner] = true
		return trained.Start(in, owner)
	})
}

// Embedding implements seam.EmbeddingHook.
func (*method) Embedding(at *seam.At, ids *seam.Node, next func(*seam.Node) *seam.Node) *seam.Node {
	return trained.Embed(at, ids, next(ids))
}

// Linear implements seam.LinearHook: an output layer that shares the embeddings' weight.
func (*method) Linear(at *seam.At, x *seam.Node, next func(*seam.Node) *seam.Node) *seam.Node {
	return trained.Head(at, x, next(x))
}

// Merge implements seam.Merger.
func (*method) Merge(at *seam.At, w seam.Weights) seam.Weights {
	w.Weight = trained.Merge(at, w.Weight)
	return w
}

// StartError implements seam.Starter.
func (m *method) StartError() (bound float64, why string) {
	if !*m.c.InitWeights {
		return math.Inf(1), "the rows are random"
	}
	return 0, ""
}
