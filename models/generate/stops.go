package generate

import (
	"strings"

	"github.com/gopeft/gopeft/models/tokenizer"
)

// stops are texts that end a row.
type stops []string

// in reports whether the text of new tokens has one of the stops in it.
func (s stops) in(tok tokenizer.Tokenizer, new []int32) bool {
	_, found := s.cut(tok.Decode(new, false))
	return found
}

// cut gives the text in front of the stop that begins first, and whether there is one.
func (s stops) cut(text string) (head string, found bool) {
	at := len(text)
	for _, stop := range s {
		if i := strings.Index(text, stop); i >= 0 && (!found || i < at) {
			at, found = i, true
		}
	}
	return text[:at], found
}

// begun gives the length of the longest end of a text with which a stop begins.
func (s stops) begun(text string) int {
	longest := 0
	for _, stop := range s {
		for n := min(len(stop)-1, len(text)); n > longest; n-- {
			if strings.HasSuffix(text, stop[:n]) {
				longest = n
			}
		}
	}
	return longest
}
