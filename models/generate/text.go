package generate

import (
	"context"
	"iter"
	"strings"

	"github.com/gopeft/gopeft/models/tokenizer"
	"github.com/gopeft/gopeft/peft"
)

// Text writes a text behind each prompt and gives what is new, special tokens left out.
func (g *Generator) Text(ctx context.Context, sel peft.Selection, prompts ...string) ([]string, error) {
	b, err := g.Encode(prompts...)
	if err != nil {
		return nil, err
	}
	out, err := g.Generate(ctx, sel, b)
	if err != nil {
		return nil, err
	}
	return g.Decode(out.New())
}

// Stream writes a text behind a prompt and yields it piece by piece as it comes, special tokens left out. An error ends
// it.
func (g *Generator) Stream(ctx context.Context, sel peft.Selection, prompt string) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		b, err := g.Encode(prompt)
		if err != nil {
			yield("", err)
			return
		}
		pieces, err := g.Pieces()
		if err != nil {
			yield("", err)
			return
		}
		for tokens, err := range g.Tokens(ctx, sel, b) {
			if err != nil {
				yield("", err)
				return
			}
			if piece := pieces.Push(tokens[0]); piece != "" && !yield(piece, nil) {
				return
			}
		}
		if piece := pieces.Flush(); piece != "" {
			yield(piece, nil)
		}
	}
}

// Encode makes a batch of texts with the tokenizer of the backbone's folder.
func (g *Generator) Encode(prompts ...string) (Batch, error) {
	tok, err := g.tokenizer()
	if err != nil {
		return Batch{}, err
	}
	var b Batch
	for _, text := range prompts {
		e, err := tok.Encode(text, &tokenizer.Options{Truncation: &tokenizer.Truncation{}, Padding: &tokenizer.Padding{}})
		if err != nil {
			return Batch{}, err
		}
		b.IDs = append(b.IDs, e.IDs)
	}
	return b, nil
}

// Decode gives the texts of ids, special tokens left out.
func (g *Generator) Decode(rows [][]int32) ([]string, error) {
	tok, err := g.tokenizer()
	if err != nil {
		return nil, err
	}
	texts := make([]string, len(rows))
	for i, ids := range rows {
		texts[i] = tok.Decode(ids, true)
	}
	return texts, nil
}

// Pieces begins to turn one row's tokens into text as they come.
func (g *Generator) Pieces() (*Pieces, error) {
	tok, err := g.tokenizer()
	if err != nil {
		return nil, err
	}
	return &Pieces{tokenizer: tok}, nil
}

// Pieces turns tokens into text as they come. A token's text may depend on its neighbours, a space in front say, and hold
// a part of a character only: so the text of a window of tokens is compared with that of the same window before.
type Pieces struct {
	tokenizer   tokenizer.Tokenizer
	ids         []int32
	start, done int // the window's first token, and the first one whose text is not out
}

// broken is how a tokenizer shows a part of a character.
const broken = "\uFFFD"

// Push takes a token and gives the text that is certain now, perhaps none.
func (p *Pieces) Push(id int32) string {
	p.ids = append(p.ids, id)
	before, now := p.text(p.done), p.text(len(p.ids))
	if strings.HasSuffix(now, broken) || len(now) <= len(before) {
		return ""
	}
	p.start, p.done = p.done, len(p.ids)
	return now[len(before):]
}

// Flush gives what is left.
func (p *Pieces) Flush() string {
	before, now := p.text(p.done), p.text(len(p.ids))
	p.start, p.done = len(p.ids), len(p.ids)
	return now[min(len(before), len(now)):]
}

func (p *Pieces) text(to int) string { return p.tokenizer.Decode(p.ids[p.start:to], true) }

// stopped reports whether the text of new tokens has one of the stops in it.
func stopped(tok tokenizer.Tokenizer, new []int32, stops []string) bool {
	text := tok.Decode(new, false)
	for _, stop := range stops {
		if strings.Contains(text, stop) {
			return true
		}
	}
	return false
}
