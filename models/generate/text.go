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
	tok, b, err := g.encode(prompts)
	if err != nil {
		return nil, err
	}
	out, err := g.Generate(ctx, sel, b)
	if err != nil {
		return nil, err
	}
	var texts []string
	for _, ids := range out.New() {
		texts = append(texts, tok.Decode(ids, true))
	}
	return texts, nil
}

// Stream writes a text behind a prompt and yields it piece by piece as it comes, special tokens left out. An error ends
// it.
func (g *Generator) Stream(ctx context.Context, sel peft.Selection, prompt string) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		tok, b, err := g.encode([]string{prompt})
		if err != nil {
			yield("", err)
			return
		}
		s := stream{tokenizer: tok}
		for tokens, err := range g.Tokens(ctx, sel, b) {
			if err != nil {
				yield("", err)
				return
			}
			if piece := s.push(tokens[0]); piece != "" && !yield(piece, nil) {
				return
			}
		}
		if piece := s.flush(); piece != "" {
			yield(piece, nil)
		}
	}
}

func (g *Generator) encode(prompts []string) (tokenizer.Tokenizer, Batch, error) {
	tok, err := g.tokenizer()
	if err != nil {
		return nil, Batch{}, err
	}
	var b Batch
	for _, text := range prompts {
		e, err := tok.Encode(text, &tokenizer.Options{Truncation: &tokenizer.Truncation{}, Padding: &tokenizer.Padding{}})
		if err != nil {
			return nil, Batch{}, err
		}
		b.IDs = append(b.IDs, e.IDs)
	}
	return tok, b, nil
}

// stream turns tokens into text as they come. A token's text may depend on its neighbours, a space in front say, and hold
// a part of a character only: so the text of a window of tokens is compared with that of the same window before.
type stream struct {
	tokenizer   tokenizer.Tokenizer
	ids         []int32
	start, done int // the window's first token, and the first one whose text is not out
}

// broken is how a decoder shows a part of a character.
const broken = "\uFFFD"

// push takes a token and gives the text that is certain now.
func (s *stream) push(id int32) string {
	s.ids = append(s.ids, id)
	before, now := s.text(s.done), s.text(len(s.ids))
	if strings.HasSuffix(now, broken) || len(now) <= len(before) {
		return ""
	}
	s.start, s.done = s.done, len(s.ids)
	return now[len(before):]
}

// flush gives what is left.
func (s *stream) flush() string {
	before, now := s.text(s.done), s.text(len(s.ids))
	s.start, s.done = len(s.ids), len(s.ids)
	return now[min(len(before), len(now)):]
}

func (s *stream) text(to int) string { return s.tokenizer.Decode(s.ids[s.start:to], true) }

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
