package tokenizer

import (
	"slices"
	"sort"
)

// Encoding is one encoded input: slices of equal length, an element per token. Tokens names them.
type Encoding struct {
	IDs     []int32
	TypeIDs []int32 // 0 for the first text and 1 for the second, in most models
	// Offsets are half-open ranges of characters (code points) of the text that the token came from, (0, 0)
	// for special and pad tokens. ByteOffsets are the same in bytes.
	Offsets           [][2]int32
	ByteOffsets       [][2]int32
	AttentionMask     []int32 // 0 for padding, else 1
	SpecialTokensMask []int32 // 1 for tokens added to the text, padding included
	WordIDs           []int32 // index of the word within its text; -1 for special and pad tokens
	SequenceIDs       []int32 // 0 for the first text, 1 for the second; -1 for special and pad tokens
	// Overflowing are the parts that truncation cut off, where Options.Overflow asked for them. Where both
	// texts of a pair were cut, each part of one meets each of the other, and the parts of the first carry
	// their combinations once more, as in the reference.
	Overflowing []*Encoding

	// Most tokens are called as the vocabulary has them, which need not be said of each: strings by the thousand would
	// be most of what an encoding takes, and of what the garbage collector has to look at.
	vocab []string // names by id
	names []name   // of added and special tokens, and of unknown ones that the text names, by place
}

// name is what the tokens [from, to) are called.
type name struct {
	from, to int32
	token    string
}

// Len returns the number of tokens.
func (e *Encoding) Len() int { return len(e.IDs) }

// Token returns the name of token i: as it stands in the vocabulary, or for a token that stands for unknown text, in
// models such as Unigram, that text. It is "" in an Encoding that no Tokenizer made.
func (e *Encoding) Token(i int) string {
	k := sort.Search(len(e.names), func(k int) bool { return int(e.names[k].to) > i })
	if k < len(e.names) && int(e.names[k].from) <= i {
		return e.names[k].token
	}
	if id := e.IDs[i]; int(id) < len(e.vocab) {
		return e.vocab[id]
	}
	return ""
}

// Tokens returns the names of all tokens, as Token gives them.
func (e *Encoding) Tokens() []string {
	out := make([]string, e.Len())
	for i := range out {
		out[i] = e.Token(i)
	}
	return out
}

// grow makes room for n more tokens. An empty encoding gets it in three pieces of memory rather than eight: the ids, which
// may well be kept alone, the other numbers, and the ranges.
func (e *Encoding) grow(n int) {
	if cap(e.IDs) == 0 {
		e.IDs = make([]int32, 0, n)
		numbers := make([]int32, 5*n)
		for i, field := range []*[]int32{&e.TypeIDs, &e.AttentionMask, &e.SpecialTokensMask, &e.WordIDs, &e.SequenceIDs} {
			*field = numbers[i*n : i*n : (i+1)*n]
		}
		ranges := make([][2]int32, 2*n)
		e.Offsets, e.ByteOffsets = ranges[:0:n], ranges[n:n:2*n]
		return
	}
	e.IDs = slices.Grow(e.IDs, n)
	e.TypeIDs = slices.Grow(e.TypeIDs, n)
	e.Offsets = slices.Grow(e.Offsets, n)
	e.ByteOffsets = slices.Grow(e.ByteOffsets, n)
	e.AttentionMask = slices.Grow(e.AttentionMask, n)
	e.SpecialTokensMask = slices.Grow(e.SpecialTokensMask, n)
	e.WordIDs = slices.Grow(e.WordIDs, n)
	e.SequenceIDs = slices.Grow(e.SequenceIDs, n)
}

// reset leaves nothing but room.
func (e *Encoding) reset() {
	clear(e.names)
	*e = Encoding{
		IDs:               e.IDs[:0],
		TypeIDs:           e.TypeIDs[:0],
		Offsets:           e.Offsets[:0],
		ByteOffsets:       e.ByteOffsets[:0],
		AttentionMask:     e.AttentionMask[:0],
		SpecialTokensMask: e.SpecialTokensMask[:0],
		WordIDs:           e.WordIDs[:0],
		SequenceIDs:       e.SequenceIDs[:0],
		names:             e.names[:0],
	}
}

// add appends a token of a sequence, by the vocabulary's name.
func (e *Encoding) add(id int32, src source, at place, word, sequence int32) {
	e.IDs = append(e.IDs, id)
	e.TypeIDs = append(e.TypeIDs, sequence)
	e.Offsets = append(e.Offsets, [2]int32{at.start, at.end})
	e.ByteOffsets = append(e.ByteOffsets, src.bytes(at))
	e.AttentionMask = append(e.AttentionMask, 1)
	e.SpecialTokensMask = append(e.SpecialTokensMask, 0)
	e.WordIDs = append(e.WordIDs, word)
	e.SequenceIDs = append(e.SequenceIDs, sequence)
}

// named appends a token of a sequence by a name of its own.
func (e *Encoding) named(token string, id int32, src source, at place, word, sequence int32) {
	e.call(token)
	e.add(id, src, at, word, sequence)
}

// special appends a token that stands for no text.
func (e *Encoding) special(token string, id, typeID, attention int32) {
	e.call(token)
	e.IDs = append(e.IDs, id)
	e.TypeIDs = append(e.TypeIDs, typeID)
	e.Offsets = append(e.Offsets, [2]int32{})
	e.ByteOffsets = append(e.ByteOffsets, [2]int32{})
	e.AttentionMask = append(e.AttentionMask, attention)
	e.SpecialTokensMask = append(e.SpecialTokensMask, 1)
	e.WordIDs = append(e.WordIDs, -1)
	e.SequenceIDs = append(e.SequenceIDs, -1)
}

// call names the token that comes next.
func (e *Encoding) call(token string) {
	at := int32(e.Len())
	if n := len(e.names); n > 0 && e.names[n-1].to == at && e.names[n-1].token == token {
		e.names[n-1].to++
		return
	}
	e.names = append(e.names, name{at, at + 1, token})
}

// append adds the tokens of o, without what overflows from it.
func (e *Encoding) append(o *Encoding) {
	at := int32(e.Len())
	for _, n := range o.names {
		e.names = append(e.names, name{n.from + at, n.to + at, n.token})
	}
	if o.vocab != nil {
		e.vocab = o.vocab
	}
	e.IDs = append(e.IDs, o.IDs...)
	e.TypeIDs = append(e.TypeIDs, o.TypeIDs...)
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
		Offsets:           e.Offsets[from:to:to],
		ByteOffsets:       e.ByteOffsets[from:to:to],
		AttentionMask:     e.AttentionMask[from:to:to],
		SpecialTokensMask: e.SpecialTokensMask[from:to:to],
		WordIDs:           e.WordIDs[from:to:to],
		SequenceIDs:       e.SequenceIDs[from:to:to],
		names:             namesIn(e.names, int32(from), int32(to)),
		vocab:             e.vocab,
	}
}

// namesIn returns the names of tokens [from, to), by their place among these.
func namesIn(names []name, from, to int32) []name {
	var out []name
	for _, n := range names {
		if n.from < to && n.to > from {
			out = append(out, name{max(n.from, from) - from, min(n.to, to) - from, n.token})
		}
	}
	return out
}

func (e *Encoding) clone() *Encoding {
	out := new(Encoding)
	out.grow(e.Len())
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
