package predict

import (
	"context"
	"fmt"
	"slices"

	"github.com/gopeft/gopeft/models/tokenizer"
	"github.com/gopeft/gopeft/peft"
	"github.com/gopeft/gopeft/peft/seam"
)

// Question is a question about a text that holds the answer.
type Question struct{ Question, Context string }

// Answer is the part of a context that answers a question best. Its Text is "" where there is no answer, which only
// Options.NoAnswer allows.
type Answer struct {
	Span
	// Probability that the answer starts and that it ends there: the product of both, each among the tokens of the context. Of
	// no answer, the probability that its start and end are the first token of the row.
	Probability float64
}

// longestQuestion is the most tokens of a row without MaxLength, as in transformers.
const longestQuestion = 384

// Answers finds the answer to each question in its context, as transformers' question-answering pipeline does: start
// and end are whole words, in this order, at most Options.MaxAnswer tokens apart and inside the context. A context that is
// too long is read in pieces that overlap, and the best answer of any piece counts. The backbone answers questions.
func (p *Predictor) Answers(ctx context.Context, sel peft.Selection, questions []Question) ([]Answer, error) {
	p = p.now()
	if err := p.wants(ctx, sel, len(questions), "Answers", questionAnswering); err != nil {
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
	if p.options.MaxLength == 0 && (limit == 0 || limit > longestQuestion) {
		limit = longestQuestion
	}
	rows, err := p.questionRows(ctx, tok, limit, questions)
	if err != nil {
		return nil, err
	}
	found := make([]finding, len(questions))
	for i := range found {
		found[i].none, found[i].probability = 1, unanswered
	}
	err = p.forward(ctx, sel, p.batches(tok, rows, limit, p.options.batchSize(), false), func(b batch, outputs peft.Tensors) error {
		starts, err := read(outputs, "start_logits")
		if err != nil {
			return err
		}
		ends, err := read(outputs, "end_logits")
		if err != nil {
			return err
		}
		for k, r := range b.rows {
			start, err := starts.columns(k, lengthOf(b))
			if err != nil {
				return err
			}
			end, err := ends.columns(k, lengthOf(b))
			if err != nil {
				return err
			}
			row := rows[r]
			found[row.of].look(p.spans(row.Encoding, tok.Special().CLS, slices.Concat(start...), slices.Concat(end...)), r, row.Encoding)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	out := make([]Answer, len(questions))
	for i, f := range found {
		switch {
		case p.options.NoAnswer && (f.row == nil || f.none > f.probability):
			out[i] = Answer{Probability: f.none}
		case f.row == nil:
			return nil, fmt.Errorf("question %d: %w", i, seam.Inputf("context", "has no tokens"))
		default:
			out[i] = Answer{Span: answerSpan(questions[i].Context, f.row, f.start, f.end), Probability: f.probability}
		}
	}
	return out, nil
}

// questionRows makes the rows of questions, several for one whose context is long.
func (p *Predictor) questionRows(ctx context.Context, tok tokenizer.Tokenizer, limit int, questions []Question) ([]tokenRow, error) {
	var rows []tokenRow
	for i, q := range questions {
		if err := stopped(ctx, 0); err != nil {
			return nil, err
		}
		if q.Question == "" || q.Context == "" {
			return nil, seam.Inputf(fmt.Sprintf("questions[%d]", i), "has an empty question or context")
		}
		pieces, err := p.pieces(i, limit, func(o *tokenizer.Options) (*tokenizer.Encoding, error) {
			return tok.EncodePair(q.Question, q.Context, o)
		},
			func() (*tokenizer.Encoding, error) { return tok.EncodePair(q.Question, "", cut(0)) }, true)
		if err != nil {
			return nil, err
		}
		rows = append(rows, pieces...)
	}
	return rows, nil
}

// answerSpan is the part of a context from one token of a row to another, both made whole words.
func answerSpan(context string, row *tokenizer.Encoding, start, end int) Span {
	same := func(i, j int) bool {
		return row.SequenceIDs[i] == row.SequenceIDs[j] && row.WordIDs[i] >= 0 && row.WordIDs[i] == row.WordIDs[j]
	}
	for start > 0 && same(start, start-1) {
		start--
	}
	for end < row.Len()-1 && same(end, end+1) {
		end++
	}
	return spanOf(context, row.Offsets[start][0], row.Offsets[end][1], row.ByteOffsets[start][0], row.ByteOffsets[end][1])
}
