package predict

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/gopeft/gopeft/models/tokenizer"
	"github.com/gopeft/gopeft/peft"
	"github.com/gopeft/gopeft/peft/seam"
)

// Embeddings gives each text a vector, so that texts of like meaning have vectors of like direction. How the states of a
// text's tokens become one vector is told by Options.Pooling and Options.Normalize or, without them, by the backbone's
// folder where that is one of sentence-transformers (modules.json); else it is their mean, not normalised. Texts that are
// too long are cut. The backbone is bare, the encoder of an encoder-decoder by itself (models.Head("encoder")), or gives
// embeddings of texts itself, which are then taken as they are.
func (p *Predictor) Embeddings(ctx context.Context, sel peft.Selection, texts []string) ([][]float32, error) {
	p = p.now()
	if err := p.wants(ctx, sel, len(texts), "Embeddings", bare, encoderOnly, textEmbedding); err != nil {
		return nil, err
	}
	if p.info.Head == bare && slices.ContainsFunc(p.adapted.Backbone().Sites(), func(s seam.Site) bool { return s.Stack == "decoder" }) {
		return nil, modelf("Embeddings: the backbone has an encoder and a decoder: open its encoder alone with models.Head(%q)", encoderOnly)
	}
	if err := checkTexts("texts", texts); err != nil {
		return nil, err
	}
	plan, err := p.embedding()
	if err != nil {
		return nil, err
	}
	tok, err := p.tokenizer()
	if err != nil {
		return nil, err
	}
	limit, err := p.limit(sel, tok)
	if err != nil {
		return nil, err
	}
	if n := plan.maxLength; p.options.MaxLength == 0 && n > 0 && (limit == 0 || n < limit) {
		limit = n
	}
	rows, err := encode(ctx, len(texts), func(i int) (*tokenizer.Encoding, error) { return tok.Encode(plan.text(texts[i]), cut(limit)) })
	if err != nil {
		return nil, err
	}
	out := make([][]float32, len(texts))
	err = p.forward(ctx, sel, p.batches(tok, rows, limit, p.options.batchSize(), false), func(b batch, outputs peft.Tensors) error {
		vectors, err := p.vectors(plan, b, rows, outputs)
		for k, i := range b.of {
			if err == nil {
				out[i], err = plan.finish(vectors[k])
			}
			if err != nil {
				return fmt.Errorf("input %d: %w", i, err)
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// embedding is how embeddings are made: what the folder says, where the options say nothing.
func (p *Predictor) embedding() (*sentence, error) {
	folder, err := p.sentence()
	if err != nil {
		return nil, err
	}
	plan := *folder
	if p.options.Pooling != PoolingOfFolder {
		plan.pooling, plan.steps, plan.normal = []Pooling{p.options.Pooling}, nil, false
	}
	if set := p.options.Normalize; set != nil {
		plan.normal = *set
	}
	return &plan, nil
}

// vectors pools the rows of a batch.
func (p *Predictor) vectors(plan *sentence, b batch, rows []tokenRow, outputs peft.Tensors) ([][]float64, error) {
	list := make([][]float64, len(b.rows))
	if p.info.Head == textEmbedding {
		out, err := read(outputs, "text_embeds")
		for k := range list {
			if err != nil {
				return nil, err
			}
			var row []float32
			row, err = out.row(k)
			list[k] = make([]float64, len(row))
			widen(list[k], row)
		}
		return list, err
	}
	out, err := read(outputs, "last_hidden_state")
	if err != nil {
		return nil, err
	}
	for k, r := range b.rows {
		states, err := out.columns(k, lengthOf(b))
		if err != nil {
			return nil, err
		}
		for _, mode := range plan.pooling {
			list[k] = append(list[k], mode.pool(states[:rows[r].Len()])...)
		}
	}
	return list, nil
}

// text is what becomes tokens.
func (s *sentence) text(text string) string {
	text = s.prompt + text
	if s.strips {
		text = strings.TrimSpace(text)
	}
	if s.lower {
		text = strings.ToLower(text)
	}
	return text
}

// finish takes the steps behind the pooling.
func (s *sentence) finish(x []float64) ([]float32, error) {
	var err error
	for _, step := range s.steps {
		if x, err = step(x); err != nil {
			return nil, err
		}
	}
	if s.normal {
		x = normalize(x)
	}
	out := make([]float32, len(x))
	for i, v := range x {
		out[i] = float32(v)
	}
	return out, nil
}
