package generate

import (
	"strings"

	"github.com/gopeft/gopeft/models/tokenizer"
)

// Pieces turns the tokens of one row into text while they are generated, as [Generator.Stream] does. It is for loops over
// [Generator.Tokens] or [Generator.GenerateEach]; [Generator.Pieces] makes one for each row. It must not be used by two
// goroutines at once.
//
// The text of one token may depend on its neighbours, such as a space in front, and may be a part of a character. So a
// piece is what the text of the last few tokens has more than before.
type Pieces struct {
	tokenizer   tokenizer.Tokenizer
	ids         []int32
	start, done int // the window's first token, and the first one whose text is not out

	stops stops
	held  string // text that may be the beginning of a stop text
	ended bool   // a stop text has come
}

// Pieces begins to turn one row's tokens into text. Errors are those of [Generator.Encode].
func (g *Generator) Pieces() (*Pieces, error) {
	tok, err := g.loaded()
	if err != nil {
		return nil, err
	}
	return &Pieces{tokenizer: tok, stops: g.trimmed()}, nil
}

// broken is how a tokenizer shows a part of a character.
const broken = "\uFFFD"

// Push takes the next token and gives the text that is certain now, which may be none. With [Options.TrimStop] it gives none
// from the stop text on.
func (p *Pieces) Push(id int32) string {
	p.ids = append(p.ids, id)
	before, now := p.text(p.done), p.text(len(p.ids))
	if strings.HasSuffix(now, broken) || len(now) <= len(before) {
		return ""
	}
	p.start, p.done = p.done, len(p.ids)
	return p.clear(now[len(before):])
}

// Flush gives the text that was held back, once all tokens are in.
func (p *Pieces) Flush() string {
	before, now := p.text(p.done), p.text(len(p.ids))
	p.start, p.done = len(p.ids), len(p.ids)
	out := p.clear(now[min(len(before), len(now)):])
	out, p.held = out+p.held, ""
	return out
}

func (p *Pieces) text(to int) string {
	if p.tokenizer == nil { // a zero Pieces knows no texts
		return ""
	}
	return p.tokenizer.Decode(p.ids[p.start:to], true)
}

// clear gives what may go out of the text held back and a new piece of it.
func (p *Pieces) clear(piece string) string {
	if p.ended {
		return ""
	}
	text, found := p.stops.cut(p.held + piece)
	if p.held, p.ended = "", found; found {
		return text
	}
	at := len(text) - p.stops.begun(text)
	p.held = text[at:]
	return text[:at]
}
