package lora

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/gopeft/gopeft/lora/internal/rows"
	"github.com/gopeft/gopeft/peft/seam"
)

// Tokens names tokens whose embeddings train as a whole, beside what LoRA does: by [TokenIDs] for the input
// embeddings, or by [TokenIDsOf] for several modules. An output layer that shares its weight with the embeddings gets
// the same rows. The zero value names none.
type Tokens struct {
	ids    []int
	byName map[string][]int
}

// TokenIDs names tokens of the input embeddings by their ids. Ids outside the vocabulary are refused when the config
// is attached.
func TokenIDs(ids ...int) Tokens { return Tokens{ids: append([]int{}, ids...)} }

// TokenIDsOf names tokens for each of several embeddings, each given by the end of its path.
func TokenIDsOf(byName map[string][]int) Tokens { return Tokens{byName: maps.Clone(byName)} }

// UnmarshalJSON reads a list, an object of lists or null.
func (t *Tokens) UnmarshalJSON(raw []byte) error {
	*t = Tokens{}
	if json.Unmarshal(raw, &t.ids) == nil {
		return nil
	}
	t.ids = nil
	if json.Unmarshal(raw, &t.byName) != nil {
		return fmt.Errorf("want a list of ids, an object of such lists or null")
	}
	return nil
}

// MarshalJSON writes the form that was read.
func (t Tokens) MarshalJSON() ([]byte, error) {
	if t.byName != nil {
		return json.Marshal(t.byName)
	}
	return json.Marshal(t.ids)
}

// rowsOf are the values of a module whose rows train.
var rowsOf = rows.Rows{Values: "token_adapter.trainable_tokens_delta", Tokens: "token_adapter.tokens"}

const fieldTokens = "trainable_token_indices"

// plan adds the embeddings whose rows train.
func (t Tokens) plan(b *seam.Blueprint, c *Config, plan *seam.Plan) error {
	byName := t.byName
	if t.ids != nil {
		for _, s := range b.Sites {
			if s.Kind == seam.Embedding && s.Role == "embedding" {
				byName = map[string][]int{b.Owner(s.Path): t.ids}
			}
		}
	}
	if byName == nil && t.ids != nil {
		return seam.Fieldf(fieldTokens, "this backbone has no token embeddings")
	}
	for _, name := range slices.Sorted(maps.Keys(byName)) {
		s, near := rows.Find(b, name)
		if s == nil {
			return &seam.TargetError{Field: fieldTokens, Name: name, Near: near}
		}
		if err := rowsOf.Plan(b, plan, fieldTokens, *s, byName[name]); err != nil {
			return err
		}
		owner := b.Owner(s.Path)
		if slices.ContainsFunc(c.ModulesToSave, func(m string) bool { return strings.HasSuffix(owner, m) }) {
			return seam.Fieldf(fieldTokens, "%s is trained whole by modules_to_save", owner)
		}
	}
	return nil
}
