package tokenizer

// strip takes white space away from the ends of a text.
type strip struct{ left, right bool }

func parseStrip(o object) (normalizer, error) {
	var s strip
	var err error
	if s.left, err = field[bool](o, "strip_left"); err != nil {
		return nil, err
	}
	s.right, err = field[bool](o, "strip_right")
	return s, err
}

func (s strip) normalize(t *aligned) {
	from, to := 0, t.len()
	for s.left && from < to && isSpace(t.runes[from]) {
		from++
	}
	for s.right && from < to && isSpace(t.runes[to-1]) {
		to--
	}
	*t = t.slice(from, to)
}

// prepended puts a text before another, unless that is empty.
type prepended []rune

func parsePrepend(o object) (normalizer, error) {
	s, err := field[string](o, "prepend")
	return prepended(s), err
}

func (p prepended) normalize(t *aligned) { t.prepend(p) }

// replace puts a text for each match of a pattern, as a normaliser in the text and as a decoder in each token.
type replace struct {
	pattern pattern
	with    []rune
}

func parseReplace(o object) (r replace, err error) {
	if r.pattern, err = parsePattern(o, "pattern"); err != nil {
		return r, err
	}
	with, err := field[string](o, "content")
	r.with = []rune(with)
	return r, err
}

// normalize gives what it puts for a match the place of the match's last character.
func (r replace) normalize(t *aligned) {
	found := r.pattern.matches(t.runes)
	if len(found) == 0 {
		return
	}
	out := t.memory.text(t.len() + len(found)*len(r.with))
	done := 0
	for _, m := range found {
		out.appendAll(t.slice(done, m.start))
		at := place{}
		if m.end > 0 {
			at = t.places[m.end-1]
		} else if t.len() > 0 {
			at = place{t.places[0].start, t.places[0].start}
		}
		for _, c := range r.with {
			out.append(c, at)
		}
		done = m.end
	}
	out.appendAll(t.slice(done, t.len()))
	*t = out
}

func (r replace) decode(tokens []string) []string {
	out := make([]string, len(tokens))
	for i, token := range tokens {
		text := []rune(token)
		var changed []rune
		done := 0
		for _, m := range r.pattern.matches(text) {
			changed = append(append(changed, text[done:m.start]...), r.with...)
			done = m.end
		}
		out[i] = string(append(changed, text[done:]...))
	}
	return out
}

// stripAccents drops combining marks.
func (t *aligned) stripAccents() { t.filter(func(r rune) bool { return !isMark(r) }) }

// nmt is the clean-up of SentencePiece's "nmt" rules: control characters go, other white space becomes a space.
func (t *aligned) nmt() {
	t.filter(func(r rune) bool {
		switch {
		case r >= 0x01 && r <= 0x08, r == 0x0B, r >= 0x0E && r <= 0x1F, r == 0x7F, r == 0x8F, r == 0x9F:
			return false
		}
		return true
	})
	for i, r := range t.runes {
		switch {
		case r == 0x09, r == 0x0A, r == 0x0C, r == 0x0D, r == 0x1680, r >= 0x200B && r <= 0x200F,
			r == 0x2028, r == 0x2029, r == 0x2581, r == 0xFEFF, r == 0xFFFD:
			t.runes[i] = ' '
		}
	}
}
