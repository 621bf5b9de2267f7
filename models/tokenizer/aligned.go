package tokenizer

// span is a half-open range of characters of the original text.
type span struct{ start, end int }

// aligned is text on its way through normalisation: its characters, and for each of them the range of the
// original text it stands for. Sub-slices of one aligned text share memory, so that splitting costs nothing;
// the original is decoded afresh for every call, so normalisers may work in place.
type aligned struct {
	runes []rune
	spans []span // one for each rune, in ascending order
}

func (t aligned) len() int { return len(t.runes) }

func (t aligned) slice(from, to int) aligned {
	return aligned{t.runes[from:to:to], t.spans[from:to:to]}
}

// span returns the range of the original that the whole of t stands for. t must not be empty.
func (t aligned) span() span { return span{t.spans[0].start, t.spans[len(t.spans)-1].end} }

// filter keeps the characters that keep accepts.
func (t *aligned) filter(keep func(rune) bool) {
	n := 0
	for i, r := range t.runes {
		if keep(r) {
			t.runes[n], t.spans[n] = r, t.spans[i]
			n++
		}
	}
	*t = t.slice(0, n)
}

// change is one character of a normalised text. An inserted one stands for the same place as the character
// before it; any other takes the place of the next old character.
type change struct {
	r        rune
	inserted bool
}

// replace makes the changes the new text. They hold exactly one that is not inserted for each old character,
// and begin with such a one.
func (t *aligned) replace(changes []change) {
	runes := make([]rune, len(changes))
	spans := make([]span, len(changes))
	old := -1
	for i, c := range changes {
		if !c.inserted {
			old++
		}
		runes[i], spans[i] = c.r, t.spans[old]
	}
	*t = aligned{runes, spans}
}
