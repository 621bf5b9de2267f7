package tokenizer

// piece is a part of a text: an added token, or, with id -1, text for the model. It holds no pointers, for there is one
// for every word: the texts are numbered in memory.
type piece struct {
	text     int32
	from, to int32 // in characters
	id       int32
}

// hold numbers a text.
func (m *memory) hold(t aligned) piece {
	m.texts = append(m.texts, t)
	return piece{text: int32(len(m.texts) - 1), to: int32(t.len()), id: -1}
}

// of returns the text of a piece.
func (m *memory) of(p piece) aligned { return m.texts[p.text].slice(int(p.from), int(p.to)) }

// cut collects the pieces that a piece is cut into. Empty ones are left out.
type cut struct {
	out   []piece
	whole piece
	m     *memory
}

// add appends characters [from, to) of the piece being cut.
func (c *cut) add(from, to int) { c.token(from, to, -1) }

// token appends characters [from, to) of the piece being cut as a token, unless id is -1.
func (c *cut) token(from, to int, id int32) {
	if to > from {
		c.out = append(c.out, piece{c.whole.text, c.whole.from + int32(from), c.whole.from + int32(to), id})
	}
}

// become puts a text in the place of the one being cut.
func (c *cut) become(t aligned) { c.whole = c.m.hold(t) }

// turned appends what characters from a place on have been turned into, be it where they are or elsewhere.
func (c *cut) turned(from int, t aligned) {
	if t.len() == 0 {
		return
	}
	now := c.m.of(c.whole)
	if from+t.len() <= now.len() && &now.runes[from] == &t.runes[0] {
		c.add(from, from+t.len())
		return
	}
	c.out = append(c.out, c.m.hold(t))
}

// splitText lets f cut the pieces that are text.
func (m *memory) splitText(pieces []piece, f func(t aligned, c *cut)) []piece {
	size := len(pieces) + 4
	for _, p := range pieces {
		size += int(p.to-p.from) / 4
	}
	c := cut{out: m.pieces.take(size), m: m}
	for _, p := range pieces {
		if p.id >= 0 {
			c.out = append(c.out, p)
			continue
		}
		c.whole = p
		f(m.of(p), &c)
	}
	return c.out
}
