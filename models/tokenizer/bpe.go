package tokenizer

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"unicode/utf8"
)

// bpe joins the characters of a word pair by pair, the earliest learned pair first (Sennrich et al. 2016, "Neural
// Machine Translation of Rare Words with Subword Units").
type bpe struct {
	vocab        *vocabulary
	merges       map[uint64]merge // by the ids of the pair
	unk          int32            // -1 for none: unknown characters are left out
	unkName      string           // of a token that is not there, for the error
	prefix       string           // of characters that do not begin a word
	suffix       string           // of the last character of a word
	fuseUnk      bool             // unknown characters in a row are one token
	bytes        *[256]int32      // tokens of bytes for unknown characters; nil for none
	ignoreMerges bool             // a word in the vocabulary is a token
	dropout      float32          // probability to leave out a merge (Provilkov et al. 2020)
	ascii        [128]int32       // tokens of ASCII characters inside a word without prefix; -1 for none
	words        *wordCache
	scratch      sync.Pool // of *merger
}

// merge is what a pair becomes; those of lower rank come first.
type merge struct{ rank, id int32 }

func pairOf(left, right int32) uint64 { return uint64(uint32(left))<<32 | uint64(uint32(right)) }

func parseBPE(o object) (model, error) {
	raw, err := field[json.RawMessage](o, "vocab")
	if err != nil {
		return nil, err
	}
	b := &bpe{}
	if b.vocab, err = parseVocabulary(o.at("vocab"), raw); err != nil {
		return nil, err
	}
	unk, err := fieldOr(o, "unk_token", "")
	if err != nil {
		return nil, err
	}
	if b.prefix, err = fieldOr(o, "continuing_subword_prefix", ""); err != nil {
		return nil, err
	}
	if b.suffix, err = fieldOr(o, "end_of_word_suffix", ""); err != nil {
		return nil, err
	}
	if b.fuseUnk, err = fieldOr(o, "fuse_unk", false); err != nil {
		return nil, err
	}
	fallback, err := fieldOr(o, "byte_fallback", false)
	if err != nil {
		return nil, err
	}
	if b.ignoreMerges, err = fieldOr(o, "ignore_merges", false); err != nil {
		return nil, err
	}
	if b.dropout, err = fieldOr(o, "dropout", float32(0)); err != nil {
		return nil, err
	}
	if !(b.dropout >= 0 && b.dropout <= 1) {
		return nil, &FieldError{o.at("dropout"), fmt.Errorf("%w: %v is no probability", ErrFormat, b.dropout)}
	}
	if raw, err = field[json.RawMessage](o, "merges"); err != nil {
		return nil, err
	}
	pairs, err := parseMerges(o.at("merges"), raw)
	if err != nil {
		return nil, err
	}
	if err := b.setMerges(o.at("merges"), pairs); err != nil {
		return nil, err
	}
	return b, b.prepare(o, unk, fallback)
}

// prepare sets up what follows from the settings.
func (b *bpe) prepare(o object, unk string, fallback bool) error {
	b.unk, b.unkName = -1, unk
	if id, ok := b.vocab.ids[unk]; ok && unk != "" {
		b.unk = id
	} else if unk != "" {
		return &FieldError{o.at("unk_token"), fmt.Errorf("%w: %q is not in the vocabulary", ErrFormat, unk)}
	}
	if fallback {
		if b.prefix != "" || b.suffix != "" {
			return &FieldError{o.at("byte_fallback"), fmt.Errorf("%w: together with a prefix or suffix", ErrUnsupported)}
		}
		b.bytes = byteTokens(b.vocab)
	}
	for c := range b.ascii {
		b.ascii[c] = -1
		if id, ok := b.vocab.ids[string(rune(c))]; ok && b.prefix == "" {
			b.ascii[c] = id
		}
	}
	b.words = newWordCache()
	b.scratch.New = func() any { return new(merger) }
	return nil
}

// byteTokens returns the tokens <0x00> to <0xFF>; -1 for those that are not there.
func byteTokens(v *vocabulary) *[256]int32 {
	var out [256]int32
	for i := range out {
		out[i] = -1
		if id, ok := v.ids[fmt.Sprintf("<0x%02X>", i)]; ok {
			out[i] = id
		}
	}
	return &out
}

// parseMerges reads the pairs, each a list of two or, in older files, a string with a space.
func parseMerges(place string, raw json.RawMessage) ([][2]string, error) {
	var pairs [][2]string
	var lists [][]string
	if json.Unmarshal(raw, &lists) == nil {
		pairs = make([][2]string, len(lists))
		for i, l := range lists {
			if len(l) != 2 {
				return nil, &FieldError{fmt.Sprintf("%s[%d]", place, i), fmt.Errorf("%w: want a pair", ErrFormat)}
			}
			pairs[i] = [2]string(l)
		}
		return pairs, nil
	}
	var lines []string
	if err := json.Unmarshal(raw, &lines); err != nil {
		return nil, &FieldError{place, fmt.Errorf("%w: want a list of pairs: %v", ErrFormat, err)}
	}
	return splitMerges(place, lines)
}

// splitMerges splits lines of two tokens. A comment "#version" is passed over.
func splitMerges(place string, lines []string) ([][2]string, error) {
	pairs := make([][2]string, 0, len(lines))
	for i, line := range lines {
		if strings.HasPrefix(line, "#version") {
			continue
		}
		left, right, ok := strings.Cut(line, " ")
		if !ok || strings.Contains(right, " ") {
			return nil, &FieldError{fmt.Sprintf("%s[%d]", place, i), fmt.Errorf("%w: %q is no pair", ErrFormat, line)}
		}
		pairs = append(pairs, [2]string{left, right})
	}
	return pairs, nil
}

// setMerges looks up the pairs; the place is for errors. Of a pair that comes twice the later rank counts.
func (b *bpe) setMerges(place string, pairs [][2]string) error {
	b.merges = make(map[uint64]merge, len(pairs))
	var buf []byte
	for rank, p := range pairs {
		fail := func(format string, args ...any) error {
			return &FieldError{fmt.Sprintf("%s[%d]", place, rank), fmt.Errorf("%w: "+format, append([]any{ErrFormat}, args...)...)}
		}
		var ids [2]int32
		for i, t := range p {
			id, ok := b.vocab.ids[t]
			if !ok {
				return fail("%q is not in the vocabulary", t)
			}
			ids[i] = id
		}
		if len(p[1]) < len(b.prefix) {
			return fail("%q is shorter than the prefix %q", p[1], b.prefix)
		}
		buf = append(append(buf[:0], p[0]...), p[1][len(b.prefix):]...)
		id, ok := b.vocab.ids[string(buf)]
		if !ok {
			return fail("%q and %q make %q, which is not in the vocabulary", p[0], p[1], buf)
		}
		b.merges[pairOf(ids[0], ids[1])] = merge{int32(rank), id}
	}
	return nil
}

func (b *bpe) vocabulary() *vocabulary { return b.vocab }
func (b *bpe) unknown() int32          { return b.unk }

func (b *bpe) tokenize(word []rune, out []token) ([]token, error) {
	m := b.scratch.Get().(*merger)
	defer b.scratch.Put(m)
	m.text = appendRunes(m.text[:0], word)
	if b.dropout > 0 {
		return b.split(m, word, out, func() bool { return rand.Float32() < b.dropout })
	}
	if b.ignoreMerges {
		if id, ok := b.vocab.ids[string(m.text)]; ok {
			return append(out, token{id: id, end: len(word)}), nil
		}
	}
	hash := b.words.hash(m.text)
	if tokens, ok := b.words.get(hash, m.text); ok {
		return append(out, tokens...), nil
	}
	before := len(out)
	out, err := b.split(m, word, out, nil)
	if err == nil {
		b.words.put(hash, m.text, out[before:])
	}
	return out, err
}

// split appends the tokens of m.text, the word in UTF-8.
func (b *bpe) split(m *merger, word []rune, out []token, drop func() bool) ([]token, error) {
	if err := b.symbols(m); err != nil {
		return out, err
	}
	m.mergeAll(b.merges, drop)
	chars := charIndex(m.text, len(word), &m.chars)
	at := 0
	for _, s := range m.symbols {
		if s.size == 0 {
			continue
		}
		end := at + int(s.size)
		t := token{id: s.id, start: at, end: end}
		if chars != nil {
			t.start, t.end = int(chars[at]), int(chars[end-1])+1
		}
		out = append(out, t)
		at = end
	}
	return out, nil
}

// charIndex returns for each byte of text the character it belongs to; nil where that is the same number.
func charIndex(text []byte, n int, buf *[]int32) []int32 {
	if len(text) == n {
		return nil
	}
	out := (*buf)[:0]
	char := int32(-1)
	for _, b := range text {
		if utf8.RuneStart(b) {
			char++
		}
		out = append(out, char)
	}
	*buf = out
	return out
}

// symbols sets m's symbols to the tokens of the characters of m.text.
func (b *bpe) symbols(m *merger) error {
	m.symbols = m.symbols[:0]
	unknown := int32(0) // bytes of unknown characters not yet added
	flush := func() {
		if unknown > 0 {
			m.add(b.unk, unknown)
			unknown = 0
		}
	}
	for i := 0; i < len(m.text); {
		size := 1
		var id int32
		if c := m.text[i]; c < utf8.RuneSelf && b.ascii[c] >= 0 && b.suffix == "" {
			id = b.ascii[c]
		} else {
			_, size = utf8.DecodeRune(m.text[i:])
			id = b.character(m.text[i:i+size], i == 0, i+size == len(m.text))
		}
		part := m.text[i : i+size]
		i += size
		if id >= 0 {
			flush()
			m.add(id, int32(size))
			continue
		}
		if b.bytes != nil && b.fallback(m, part) {
			continue
		}
		if b.unk < 0 {
			if b.unkName != "" {
				return fmt.Errorf("%w: %q", ErrUnknown, part)
			}
			continue
		}
		if !b.fuseUnk {
			flush()
		}
		unknown += int32(size)
	}
	flush()
	return nil
}

// character returns the token of one character by its place in the word, -1 if there is none.
func (b *bpe) character(c []byte, first, last bool) int32 {
	if b.prefix != "" && !first || b.suffix != "" && last {
		var buf [64]byte
		whole := buf[:0]
		if !first {
			whole = append(whole, b.prefix...)
		}
		whole = append(whole, c...)
		if last {
			whole = append(whole, b.suffix...)
		}
		c = whole
	}
	if id, ok := b.vocab.ids[string(c)]; ok {
		return id
	}
	return -1
}

// fallback adds the tokens of the bytes of a character, if all are there. Unknown characters before it that are
// not yet added stay so, and follow later, as in the reference.
func (b *bpe) fallback(m *merger, char []byte) bool {
	for _, c := range char {
		if b.bytes[c] < 0 {
			return false
		}
	}
	for _, c := range char {
		m.add(b.bytes[c], 1)
	}
	return true
}
