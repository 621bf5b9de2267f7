package tokenizer

import (
	"encoding/json"
	"fmt"
	"math"
	"sync"
	"unicode/utf8"
)

// unigram splits a word into the tokens of the highest total score, a log-probability, by Viterbi's algorithm (Kudo
// 2018, "Subword Regularization"). A character without a token is unknown, and unknown characters in a row are one.
type unigram struct {
	vocab   *vocabulary
	scores  []float64
	trie    *byteTrie
	unk     int32       // -1 for none: an unknown character is an error
	penalty float64     // score of an unknown character
	bytes   *[256]int32 // tokens of bytes for unknown characters; nil for none
	words   *wordCache
	scratch sync.Pool // of *lattice
}

// unknownPenalty is how far an unknown character scores below the least likely token.
const unknownPenalty = 10

func parseUnigram(o object) (model, error) {
	raws, err := field[[]json.RawMessage](o, "vocab")
	if err != nil {
		return nil, err
	}
	tokens, scores := make([]string, len(raws)), make([]float64, len(raws))
	for i, raw := range raws {
		entry := []any{&tokens[i], &scores[i]}
		if err := json.Unmarshal(raw, &entry); err != nil || len(entry) != 2 {
			return nil, &FieldError{fmt.Sprintf("%s[%d]", o.at("vocab"), i), fmt.Errorf("%w: want a token and its score", ErrFormat)}
		}
	}
	unk, err := fieldOr(o, "unk_id", int64(-1))
	if err != nil {
		return nil, err
	}
	if o.has("unk_id") && (unk < 0 || unk >= int64(len(tokens))) {
		return nil, &FieldError{o.at("unk_id"), fmt.Errorf("%w: id %d is not in the vocabulary of %d", ErrFormat, unk, len(tokens))}
	}
	fallback, err := fieldOr(o, "byte_fallback", false)
	if err != nil {
		return nil, err
	}
	u, err := newUnigram(tokens, scores, int32(unk), fallback)
	if err != nil {
		return nil, &FieldError{o.at("vocab"), err}
	}
	return u, nil
}

func newUnigram(tokens []string, scores []float64, unk int32, fallback bool) (*unigram, error) {
	vocab, err := newVocabulary(tokens)
	if err != nil {
		return nil, err
	}
	u := &unigram{vocab: vocab, scores: scores, trie: newByteTrie(tokens), unk: unk, words: newWordCache()}
	least := math.Inf(1)
	for _, s := range scores {
		least = min(least, s)
	}
	u.penalty = least - unknownPenalty
	if fallback {
		u.bytes = byteTokens(vocab)
	}
	u.scratch.New = func() any { return new(lattice) }
	return u, nil
}

func (u *unigram) vocabulary() *vocabulary { return u.vocab }
func (u *unigram) unknown() int32          { return u.unk }

// lattice is the working memory of one word.
type lattice struct {
	text  []byte
	chars []int32
	best  []arrival
	path  []arrival
}

// arrival is the best way to the end of a token; id is -1 where nothing ends.
type arrival struct {
	score      float64
	id         int32
	start, end int32
}

func (u *unigram) tokenize(word []rune, out []token) ([]token, error) {
	l := u.scratch.Get().(*lattice)
	defer u.scratch.Put(l)
	l.text = appendRunes(l.text[:0], word)
	hash := u.words.hash(l.text)
	if tokens, ok := u.words.get(hash, l.text); ok {
		return append(out, tokens...), nil
	}
	if err := u.viterbi(l); err != nil {
		return out, err
	}
	before := len(out)
	out = u.tokens(l, len(word), out)
	u.words.put(hash, l.text, out[before:])
	return out, nil
}

// viterbi sets l.path to the best tokens of l.text, from its end to its beginning.
func (u *unigram) viterbi(l *lattice) error {
	n := len(l.text)
	if cap(l.best) < n+1 {
		l.best = make([]arrival, n+1)
	}
	l.best = l.best[:n+1]
	for i := range l.best {
		l.best[i] = arrival{id: -1}
	}
	reach := func(start, end int, id int32, score float64) {
		score += l.best[start].score
		if b := &l.best[end]; b.id < 0 || score > b.score {
			*b = arrival{score, id, int32(start), int32(end)}
		}
	}
	for start := 0; start < n; {
		size := 1
		if l.text[start] >= utf8.RuneSelf {
			_, size = utf8.DecodeRune(l.text[start:])
		}
		known := false // the character by itself
		node := int32(0)
		for end := start; end < n; {
			if node = u.trie.step(node, l.text[end]); node < 0 {
				break
			}
			end++
			if id := u.trie.ids[node]; id >= 0 {
				reach(start, end, id, u.scores[id])
				known = known || end == start+size
			}
		}
		if !known {
			if u.unk < 0 {
				return fmt.Errorf("%w: %q", ErrUnknown, l.text[start:start+size])
			}
			reach(start, start+size, u.unk, u.penalty)
		}
		start += size
	}
	l.path = l.path[:0]
	for end := n; end > 0; {
		a := l.best[end]
		if last := len(l.path) - 1; last >= 0 && a.id == u.unk && l.path[last].id == u.unk {
			l.path[last].start = a.start
		} else {
			l.path = append(l.path, a)
		}
		end = int(a.start)
	}
	return nil
}

// tokens appends those of l.path.
func (u *unigram) tokens(l *lattice, n int, out []token) []token {
	chars := charIndex(l.text, n, &l.chars)
	for i := len(l.path) - 1; i >= 0; i-- {
		a := l.path[i]
		t := token{id: a.id, start: int(a.start), end: int(a.end)}
		if chars != nil {
			t.start, t.end = int(chars[a.start]), int(chars[a.end-1])+1
		}
		if a.id == u.unk {
			part := l.text[a.start:a.end]
			if id, ok := u.vocab.ids[string(part)]; ok {
				t.id = id // unknown ones together may be known
			} else if fallen := u.fallback(part, t, out); fallen != nil {
				out = fallen
				continue
			} else {
				t.surface = true
			}
		}
		out = append(out, t)
	}
	return out
}

// fallback appends the tokens of the bytes of a part, if all are there, each with the place of the whole.
func (u *unigram) fallback(part []byte, t token, out []token) []token {
	if u.bytes == nil {
		return nil
	}
	for _, c := range part {
		if u.bytes[c] < 0 {
			return nil
		}
	}
	for _, c := range part {
		t.id = u.bytes[c]
		out = append(out, t)
	}
	return out
}
