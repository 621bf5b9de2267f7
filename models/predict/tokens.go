package predict

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"math"
	"slices"

	"github.com/gopeft/gopeft/models/tokenizer"
	"github.com/gopeft/gopeft/peft"
	"github.com/gopeft/gopeft/peft/data"
	"github.com/gopeft/gopeft/peft/seam"
)

// tokenRow is a row of tokens and the input that it comes from.
type tokenRow struct {
	*tokenizer.Encoding
	of int
	// start counts the tokens of the text in front of the row's first, where the row is a piece of a long one.
	start int
}

// limit is the most tokens of a row under a selection, whose prompts take positions; 0 means any number.
func (p *Predictor) limit(sel peft.Selection, tok tokenizer.Tokenizer) (int, error) {
	virtual, err := p.adapted.VirtualTokens(sel)
	if err != nil {
		return 0, err
	}
	room := p.info.MaxPositions - virtual
	bounded := p.info.MaxPositions > 0 && p.info.MaxPositions < math.MaxInt32
	switch n := p.options.MaxLength; {
	case bounded && room < 1:
		return 0, seam.Inputf("selection", "its prompts take all %d positions of the backbone", p.info.MaxPositions)
	case bounded && n > room:
		return 0, optionf("MaxLength", "%d is more than the %d positions that the backbone has for tokens", n, room)
	case n > 0:
		return n, nil
	case !bounded:
		return tok.MaxLength(), nil
	case tok.MaxLength() > 0:
		return min(tok.MaxLength(), room), nil
	}
	return room, nil
}

// cut gives options that cut an encoding to a limit, 0 for none, and pad nothing.
func cut(limit int) *tokenizer.Options {
	return &tokenizer.Options{Truncation: &tokenizer.Truncation{MaxLength: limit}, Padding: &tokenizer.Padding{}}
}

// encode makes the tokens of n inputs.
func encode(ctx context.Context, n int, one func(i int) (*tokenizer.Encoding, error)) ([]tokenRow, error) {
	rows := make([]tokenRow, n)
	for i := range rows {
		if err := stopped(ctx, 0); err != nil {
			return nil, err
		}
		enc, err := one(i)
		if err == nil && enc.Len() == 0 {
			err = seam.Inputf("inputs", "the text gives no tokens")
		}
		if err != nil {
			return nil, fmt.Errorf("input %d: %w", i, err)
		}
		rows[i] = tokenRow{Encoding: enc, of: i}
	}
	return rows, nil
}

// checkTexts refuses empty texts.
func checkTexts(name string, texts []string) error {
	for i, text := range texts {
		if text == "" {
			return seam.Inputf(fmt.Sprintf("%s[%d]", name, i), "is empty")
		}
	}
	return nil
}

// batches sorts rows by their length, the longest first, and makes batches of them that are padded to few lengths. even
// wants rows of one length in each, without padding; most bounds the rows of a batch.
func (p *Predictor) batches(tok tokenizer.Tokenizer, rows []tokenRow, limit, most int, even bool) iter.Seq2[batch, error] {
	order := make([]int, len(rows))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(rows[b].Len(), rows[a].Len()) })
	e := data.Encoder{Tokenizer: tok, MaxLength: limit, Buckets: p.buckets(limit), NoTypeIDs: !p.info.TokenTypes}
	return func(yield func(batch, error) bool) {
		for from := 0; from < len(order); {
			to := min(from+most, len(order))
			length := rows[order[from]].Len()
			if even {
				e.Buckets = []int{length}
				for to > from && rows[order[to-1]].Len() < length {
					to--
				}
			}
			b := batch{rows: order[from:to], size: fillTo(to-from, most)}
			var list []*tokenizer.Encoding
			for _, i := range b.rows {
				b.of = append(b.of, rows[i].of)
				list = append(list, rows[i].Encoding)
			}
			padded, err := e.Pad(list, b.size)
			if err != nil {
				err = fmt.Errorf("%w: %w", ErrModel, err)
			}
			b.in = padded.Tensors
			if !yield(b, err) || err != nil {
				return
			}
			from = to
		}
	}
}

// buckets are the lengths that rows of at most limit tokens are padded to: a prompt may leave less room than the longest.
func (p *Predictor) buckets(limit int) []int {
	given := p.options.Buckets
	if limit == 0 || len(given) == 0 {
		return given
	}
	for len(given) > 0 && given[len(given)-1] > limit {
		given = given[:len(given)-1]
	}
	if len(given) == 0 {
		return []int{limit}
	}
	return given
}

// byLastToken reports whether the head reads a text's last token, as those that transformers calls "score" do.
func (p *Predictor) byLastToken() bool {
	return slices.ContainsFunc(p.adapted.Backbone().Sites(), func(s seam.Site) bool { return s.Path == "score" })
}

// sequenceBatches are batches for a head that classifies whole texts. A decoder's finds the last token by what the config
// calls padding: where rows would be padded with another token, or prompts hide the padding from it, rows of a batch are
// of one length; without such a token there is one row in each.
func (p *Predictor) sequenceBatches(sel peft.Selection, tok tokenizer.Tokenizer, rows []tokenRow, limit int) (iter.Seq2[batch, error], error) {
	most := p.options.batchSize()
	if !p.byLastToken() {
		return p.batches(tok, rows, limit, most, false), nil
	}
	virtual, err := p.adapted.VirtualTokens(sel)
	if err != nil {
		return nil, err
	}
	if p.padID < 0 {
		most = 1
	}
	special := tok.Special()
	pad := special.Pad
	if pad < 0 {
		pad = special.EOS
	}
	return p.batches(tok, rows, limit, most, virtual > 0 || int(pad) != p.padID), nil
}
