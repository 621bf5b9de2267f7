package predict

import (
	"context"
	"fmt"

	"github.com/gopeft/gopeft/internal/softmax"
	"github.com/gopeft/gopeft/models/tokenizer"
	"github.com/gopeft/gopeft/peft"
)

// Word is a word of a text with its label, which is the Class of the Prediction.
type Word struct {
	Span
	Prediction
}

// Words labels the words of texts. Words are those that the tokenizer cuts a text into, punctuation by itself with most;
// a word's label is that of its first token, as it is trained. A text that is too long for the backbone is read in pieces that
// overlap, and a word is labelled where it has the most text around it. The backbone classifies tokens.
func (p *Predictor) Words(ctx context.Context, sel peft.Selection, texts []string) ([][]Word, error) {
	p = p.now()
	out := make([][]Word, len(texts))
	err := p.tokens(ctx, sel, texts, "Words", func(i int, names []string, tokens []token) error {
		for at := 0; at < len(tokens); {
			first, end := tokens[at], at+1
			for end < len(tokens) && first.word >= 0 && tokens[end].word == first.word {
				end++
			}
			if s := between(texts[i], first, tokens[end-1]); s.Text != "" {
				out[i] = append(out[i], Word{Span: s, Prediction: predicted(names, softmax.Of(first.logits))})
			}
			at = end
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// token is a token of a text, special ones left out, with its logits.
type token struct {
	word         int32
	chars, bytes [2]int32
	logits       []float32
	held         int // tokens between it and the nearer end of the row that it was taken from
}

// between is the part of a text from one token to another.
func between(text string, first, last token) Span {
	return spanOf(text, first.chars[0], last.chars[1], first.bytes[0], last.bytes[1])
}

// tokens runs texts and hands on the tokens of each.
func (p *Predictor) tokens(ctx context.Context, sel peft.Selection, texts []string, method string, use func(i int, names []string, tokens []token) error) error {
	if err := p.wants(ctx, sel, len(texts), method, tokenClass); err != nil {
		return err
	}
	if err := checkTexts("texts", texts); err != nil {
		return err
	}
	names, err := p.namesByInput(sel, len(texts))
	if err != nil {
		return err
	}
	tok, err := p.tokenizer()
	if err != nil {
		return err
	}
	limit, err := p.limit(sel, tok)
	if err != nil {
		return err
	}
	var rows []tokenRow
	for i, text := range texts {
		if err := stopped(ctx, 0); err != nil {
			return err
		}
		pieces, err := p.pieces(i, limit, func(o *tokenizer.Options) (*tokenizer.Encoding, error) { return tok.Encode(text, o) },
			func() (*tokenizer.Encoding, error) { return tok.Encode("", cut(0)) }, false)
		if err != nil {
			return err
		}
		rows = append(rows, pieces...)
	}
	found := make([][]token, len(texts))
	err = p.forward(ctx, sel, p.batches(tok, rows, limit, p.options.batchSize(), false), func(b batch, outputs peft.Tensors) error {
		out, err := read(outputs, "logits")
		if err != nil {
			return err
		}
		for k, r := range b.rows {
			row := rows[r]
			columns, err := out.columns(k, lengthOf(b))
			if err == nil {
				err = fits(names(row.of), out.dims[2])
			}
			if err != nil {
				return fmt.Errorf("input %d: %w", row.of, err)
			}
			found[row.of] = row.take(found[row.of], columns)
		}
		return nil
	})
	if err != nil {
		return err
	}
	for i := range found {
		if err := use(i, names(i), found[i]); err != nil {
			return fmt.Errorf("input %d: %w", i, err)
		}
	}
	return nil
}

// lengthOf is the length that the tokens of a batch are padded to.
func lengthOf(b batch) int { return b.in["input_ids"].Shape().Dimensions[1] }

// take puts a row's tokens where they stand in their text. One that stands in several rows is taken from the one where the
// nearer end is farther.
func (r *tokenRow) take(into []token, logits [][]float32) []token {
	var own []int
	for j, seq := range r.SequenceIDs {
		if seq == 0 {
			own = append(own, j)
		}
	}
	for len(into) < r.start+len(own) {
		into = append(into, token{held: -1})
	}
	for k, j := range own {
		held := min(k, len(own)-1-k)
		if t := &into[r.start+k]; held > t.held {
			*t = token{word: r.WordIDs[j], chars: r.Offsets[j], bytes: r.ByteOffsets[j], logits: append([]float32(nil), logits[j]...), held: held}
		}
	}
	return into
}
