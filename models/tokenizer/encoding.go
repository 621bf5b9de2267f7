package tokenizer

import "slices"

// Encoding is one encoded input: slices of equal length, an element per token.
type Encoding struct {
	IDs     []int32
	TypeIDs []int32 // 0 for the first text and 1 for the second, in most models
	Tokens  []string
	// Offsets are half-open ranges of characters (code points) of the text that the token came from, (0, 0)
	// for special and pad tokens. ByteOffsets are the same in bytes.
	Offsets           [][2]int
	ByteOffsets       [][2]int
	AttentionMask     []int32 // 0 for padding, else 1
	SpecialTokensMask []int32 // 1 for tokens added to the text, padding included
	WordIDs           []int32 // index of the word within its text; -1 for special and pad tokens
	SequenceIDs       []int32 // 0 for the first text, 1 for the second; -1 for special and pad tokens
	// Overflowing are the parts that truncation cut off, where Options.Overflow asked for them. Where both
	// texts of a pair were cut, each part of one meets each of the other, and the parts of the first carry
	// their combinations once more, as in the reference.
	Overflowing []*Encoding
}

// Len returns the number of tokens.
func (e *Encoding) Len() int { return len(e.IDs) }

func (e *Encoding) grow(n int) {
	e.IDs = slices.Grow(e.IDs, n)
	e.TypeIDs = slices.Grow(e.TypeIDs, n)
	e.Tokens = slices.Grow(e.Tokens, n)
	e.Offsets = slices.Grow(e.Offsets, n)
	e.ByteOffsets = slices.Grow(e.ByteOffsets, n)
	e.AttentionMask = slices.Grow(e.AttentionMask, n)
	e.SpecialTokensMask = slices.Grow(e.SpecialTokensMask, n)
	e.WordIDs = slices.Grow(e.WordIDs, n)
	e.SequenceIDs = slices.Grow(e.SequenceIDs, n)
}

// reset leaves nothing but room.
func (e *Encoding) reset() {
	*e = Encoding{
		IDs:               e.IDs[:0],
		TypeIDs:           e.TypeIDs[:0],
		Tokens:            e.Tokens[:0],
		Offsets:           e.Offsets[:0],
		ByteOffsets:       e.ByteOffsets[:0],
		AttentionMask:     e.AttentionMask[:0],
		SpecialTokensMask: e.SpecialTokensMask[:0],
		WordIDs:           e.WordIDs[:0],
		SequenceIDs:       e.SequenceIDs[:0],
	}
}

// add appends a token of a sequence.
func (e *Encoding) add(id int32, value string, src source, at span, word, sequence int32) {
	e.IDs = append(e.IDs, id)
	e.TypeIDs = append(e.TypeIDs, sequence)
	e.Tokens = append(e.Tokens, value)
	e.Offsets = append(e.Offsets, [2]int{at.start, at.end})
	e.ByteOffsets = append(e.ByteOffsets, src.bytes(at))
	e.AttentionMask = append(e.AttentionMask, 1)
	e.SpecialTokensMask = append(e.SpecialTokensMask, 0)
	e.WordIDs = append(e.WordIDs, word)
	e.SequenceIDs = append(e.SequenceIDs, sequence)
}

// special appends a token that stands for no text.
func (e *Encoding) special(token string, id, typeID, attention int32) {
	e.IDs = append(e.IDs, id)
	e.TypeIDs = append(e.TypeIDs, typeID)
	e.Tokens = append(e.Tokens, token)
	e.Offsets = append(e.Offsets, [2]int{})
	e.ByteOffsets = append(e.ByteOffsets, [2]int{})
	e.AttentionMask = append(e.AttentionMask, attention)
	e.SpecialTokensMask = append(e.SpecialTokensMask, 1)
	e.WordIDs = append(e.WordIDs, -1)
	e.SequenceIDs = append(e.SequenceIDs, -1)
}

// append adds the tokens of o, without what overflows from it.
func (e *Encoding) append(o *Encoding) {
	e.IDs = append(e.IDs, o.IDs...)
	e.TypeIDs = append(e.TypeIDs, o.TypeIDs...)
	e.Tokens = append(e.Tokens, o.Tokens...)
	e.Offsets = append(e.Offsets, o.Offsets...)
	e.ByteOffsets = append(e.ByteOffsets, o.ByteOffsets...)
	e.AttentionMask = append(e.AttentionMask, o.AttentionMask...)
	e.SpecialTokensMask = append(e.SpecialTokensMask, o.SpecialTokensMask...)
	e.WordIDs = append(e.WordIDs, o.WordIDs...)
	e.SequenceIDs = append(e.SequenceIDs, o.SequenceIDs...)
}

// slice returns tokens [from, to), which share e's memory but not its room to grow.
func (e *Encoding) slice(from, to int) *Encoding {
	return &Encoding{
		IDs:               e.IDs[from:to:to],
		TypeIDs:           e.TypeIDs[from:to:to],
		Tokens:            e.Tokens[from:to:to],
		Offsets:           e.Offsets[from:to:to],
		ByteOffsets:       e.ByteOffsets[from:to:to],
		AttentionMask:     e.AttentionMask[from:to:to],
		SpecialTokensMask: e.SpecialTokensMask[from:to:to],
		WordIDs:           e.WordIDs[from:to:to],
		SequenceIDs:       e.SequenceIDs[from:to:to],
	}
}

func (e *Encoding) clone() *Encoding {
	out := new(Encoding)
	out.append(e)
	out.Overflowing = slices.Clone(e.Overflowing)
	return out
}

// merge appends o, and combines what overflows from either in the reference's order: parts of e with o and
// with each part of o, then e with each part of o.
func (e *Encoding) merge(o *Encoding) {
	var over []*Encoding
	combine := func(left, right *Encoding) {
		both := left.clone()
		both.merge(right)
		over = append(over, both)
	}
	for _, left := range e.Overflowing {
		combine(left, o)
		for _, right := range o.Overflowing {
			combine(left, right)
		}
	}
	for _, right := range o.Overflowing {
		combine(e, right)
	}
	e.append(o)
	e.Overflowing = over
}

// setTypeIDs leaves the overflowing parts alone, as the reference does.
func (e *Encoding) setTypeIDs(id int32) {
	for i := range e.TypeIDs {
		e.TypeIDs[i] = id
	}
}
