package predict

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Span is a part of a text.
type Span struct {
	Text string
	// Start and End are its half-open range in characters (code points), as transformers counts them.
	Start, End int
	// From and To are the same in bytes: Text is text[From:To].
	From, To int
}

// spanOf is the part of a text between two tokens, given by where the first starts and the last ends, in characters and in
// bytes. White space at its ends, which some tokenizers count to a word, is left out.
func spanOf(text string, start, end, from, to int32) Span {
	s := Span{Start: int(start), End: int(end), From: int(from), To: int(to)}
	s.Text = text[s.From:s.To]
	left := strings.TrimLeftFunc(s.Text, unicode.IsSpace)
	space := s.Text[:len(s.Text)-len(left)]
	s.From, s.Start = s.From+len(space), s.Start+utf8.RuneCountInString(space)
	s.Text = strings.TrimRightFunc(left, unicode.IsSpace)
	space = left[len(s.Text):]
	s.To, s.End = s.To-len(space), s.End-utf8.RuneCountInString(space)
	return s
}
