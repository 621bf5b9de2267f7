package predict

import (
	"context"
	"strings"

	"github.com/gopeft/gopeft/internal/softmax"
	"github.com/gopeft/gopeft/peft"
)

// Entity is a part of a text that is named: a person, a place.
type Entity struct {
	Span
	Kind        string  // the label without "B-" or "I-", as "PER"
	Probability float64 // the mean of its tokens' probabilities
}

// outside is the label of what belongs to no entity.
const outside = "O"

// Entities finds the entities in texts, as transformers' token-classification pipeline does with aggregation_strategy
// "simple": tokens that follow each other and have the same kind are one entity, and a label that begins with "B-" starts
// a new one. What is labelled "O" is left out. Long texts are read as by Words. The backbone classifies tokens.
func (p *Predictor) Entities(ctx context.Context, sel peft.Selection, texts []string) ([][]Entity, error) {
	p = p.now()
	out := make([][]Entity, len(texts))
	err := p.tokens(ctx, sel, texts, "Entities", func(i int, names []string, tokens []token) error {
		out[i] = grouped(texts[i], names, tokens)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// grouped joins tokens to entities.
func grouped(text string, names []string, tokens []token) []Entity {
	var out []Entity
	for at := 0; at < len(tokens); {
		best := predicted(names, softmax.Of(tokens[at].logits))
		kind, _ := kindOf(best.Class)
		sum, end := best.Probability, at+1
		for ; end < len(tokens); end++ {
			next := predicted(names, softmax.Of(tokens[end].logits))
			if k, begins := kindOf(next.Class); k != kind || begins {
				break
			}
			sum += next.Probability
		}
		if kind != outside {
			out = append(out, Entity{Span: between(text, tokens[at], tokens[end-1]), Kind: kind, Probability: sum / float64(end-at)})
		}
		at = end
	}
	return out
}

// kindOf is the kind of entity that a label stands for, and whether it begins one.
func kindOf(label string) (kind string, begins bool) {
	if rest, ok := strings.CutPrefix(label, "B-"); ok {
		return rest, true
	}
	return strings.TrimPrefix(label, "I-"), false
}
