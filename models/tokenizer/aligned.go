package tokenizer

// place is a half-open range of characters of the original text. Each character has one, so it is small.
type place struct{ start, end int32 }

// aligned is text on its way through normalisation: its characters, and for each of them the range of the
// original text it stands for. Sub-slices of one aligned text share memory, so that splitting costs nothing;
// the original is decoded afresh for every call, so normalisers may work in place.
type aligned struct {
	runes  []rune
	places []place // one for each rune, in ascending order
	memory *memory
}

func (t aligned) len() int { return len(t.runes) }

func (t aligned) slice(from, to int) aligned {
	return aligned{t.runes[from:to:to], t.places[from:to:to], t.memory}
}

// place returns the range of the original that the whole of t stands for. t must not be empty.
func (t aligned) place() place { return place{t.places[0].start, t.places[len(t.places)-1].end} }

// append adds a character that stands for a place.
func (t *aligned) append(r rune, at place) {
	t.runes = append(t.runes, r)
	t.places = append(t.places, at)
}

func (t *aligned) appendAll(more aligned) {
	t.runes = append(t.runes, more.runes...)
	t.places = append(t.places, more.places...)
}

// filter keeps the characters that keep accepts.
func (t *aligned) filter(keep func(rune) bool) {
	n := 0
	for i, r := range t.runes {
		if keep(r) {
			t.runes[n], t.places[n] = r, t.places[i]
			n++
		}
	}
	*t = t.slice(0, n)
}

// change is one character of a normalised text: with n = 0 it takes the place of the next old character; with
// n = 1 it is inserted and stands for the same place as the old character before; with n = -k it takes the place
// of the next old character and drops the k after it.
type change struct {
	r rune
	n int
}

// transform makes the changes the new text. The first skip old characters are dropped.
func (t *aligned) transform(changes []change, skip int) {
	out := t.memory.text(len(changes))
	old := skip // the next old character
	for _, c := range changes {
		at := old
		if c.n > 0 {
			at--
		} else {
			old += 1 - c.n
		}
		var from place
		if at >= 0 {
			from = t.places[min(at, len(t.places)-1)]
		} else if len(t.places) > 0 { // before all else: an empty range at the beginning
			from = place{t.places[0].start, t.places[0].start}
		}
		out.append(c.r, from)
	}
	*t = out
}

// prepend puts text before the first character, whose place it shares. An empty text stays empty.
func (t *aligned) prepend(text []rune) {
	if t.len() == 0 || len(text) == 0 {
		return
	}
	out := t.memory.text(len(text) + t.len())
	for _, r := range text {
		out.append(r, t.places[0])
	}
	out.appendAll(*t)
	*t = out
}
