package tokenizer

// memory is what one call works in: texts on their way through the pipeline, their pieces, and the encodings of the
// one or two texts before they are joined. A tokenizer keeps it for its next call, so that what a call allocates is
// what it returns. Its zero value is ready for use.
type memory struct {
	runes     arena[rune]
	places    arena[place]
	starts    arena[int32]
	changes   arena[change]
	stretches arena[stretch]
	pieces    arena[piece]
	texts     []aligned // by the numbers that pieces have of them
	tokens    []token
	sources   [2]source
	parts     [2]Encoding
}

// text returns an empty text with room for n characters.
func (m *memory) text(n int) aligned {
	return aligned{runes: m.runes.take(n), places: m.places.take(n), memory: m}
}

// reset takes everything back: nothing that was handed out may be used any more.
func (m *memory) reset() {
	m.runes.reset()
	m.places.reset()
	m.starts.reset()
	m.changes.reset()
	m.stretches.reset()
	m.pieces.reset()
	clear(m.texts) // they hold on to blocks that were outgrown
	m.texts = m.texts[:0]
	for i := range m.parts {
		m.parts[i].reset()
	}
}

// mostKept is how many characters a memory may have room for and still be kept: one long text should not hold on to
// its memory for ever.
const mostKept = 1 << 17

func (e *engine) borrow() *memory {
	if m, ok := e.memories.Get().(*memory); ok {
		return m
	}
	return new(memory)
}

func (e *engine) giveBack(m *memory) {
	if cap(m.runes.block) <= mostKept {
		m.reset()
		e.memories.Put(m)
	}
}

// arena hands out parts of a block, one after another.
type arena[T any] struct{ block []T }

// take returns an empty slice of capacity n, whose elements hold anything. Appending more moves it, as with any slice.
func (a *arena[T]) take(n int) []T {
	from := len(a.block)
	if cap(a.block)-from < n { // what was handed out keeps the old block
		a.block = make([]T, 0, max(n, 2*cap(a.block)))
		from = 0
	}
	a.block = a.block[:from+n]
	return a.block[from : from : from+n]
}

func (a *arena[T]) reset() { a.block = a.block[:0] }
