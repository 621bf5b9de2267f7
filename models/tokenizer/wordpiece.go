package tokenizer

import (
	"encoding/json"
	"fmt"
	"strings"
	"unicode/utf8"
)

// wordPiece splits a word greedily into the longest known pieces from its left (Wu et al. 2016, "Google's
// Neural Machine Translation System"; BERT's variant). A word with a part that is not known, or with too many
// characters, is the unknown token as a whole.
type wordPiece struct {
	vocab    *vocabulary
	unk      int32
	maxChars int
	inner    map[string]int32 // pieces inside a word, without their prefix
	longest  int              // bytes of the longest piece: none longer is worth a look
}

func newWordPiece(v *vocabulary, unk, prefix string, maxChars int) (*wordPiece, error) {
	id, ok := v.ids[unk]
	if !ok {
		return nil, fmt.Errorf("%w: unk_token %q is not in the vocabulary", ErrFormat, unk)
	}
	w := &wordPiece{vocab: v, unk: id, maxChars: maxChars, inner: v.ids}
	if prefix != "" {
		w.inner = make(map[string]int32)
	}
	for id, t := range v.tokens {
		w.longest = max(w.longest, len(t))
		if rest, ok := strings.CutPrefix(t, prefix); ok && prefix != "" {
			w.inner[rest] = int32(id)
		}
	}
	return w, nil
}

func parseWordPiece(o object) (model, error) {
	raw, err := field[json.RawMessage](o, "vocab")
	if err != nil {
		return nil, err
	}
	vocab, err := parseVocabulary(o.place+".vocab", raw)
	if err != nil {
		return nil, err
	}
	unk, err := field[string](o, "unk_token")
	if err != nil {
		return nil, err
	}
	prefix, err := field[string](o, "continuing_subword_prefix")
	if err != nil {
		return nil, err
	}
	maxChars, err := field[uint](o, "max_input_chars_per_word")
	if err != nil {
		return nil, err
	}
	w, err := newWordPiece(vocab, unk, prefix, int(min(maxChars, 1<<31-1)))
	if err != nil {
		return nil, &FieldError{o.place, err}
	}
	return w, nil
}

func (w *wordPiece) vocabulary() *vocabulary { return w.vocab }
func (w *wordPiece) unknown() int32          { return w.unk }

func (w *wordPiece) tokenize(word []rune, out []token) ([]token, error) {
	before := len(out)
	unknown := func() ([]token, error) { return append(out[:before], token{id: w.unk, end: len(word)}), nil }
	if len(word) > w.maxChars {
		return unknown()
	}
	var scratch [128]byte
	text := appendRunes(scratch[:0], word)
	done := 0 // characters
	for known := w.vocab.ids; len(text) > 0; known = w.inner {
		id, size := w.longestPrefix(known, text)
		if size == 0 {
			return unknown()
		}
		chars := utf8.RuneCount(text[:size])
		out = append(out, token{id: id, start: done, end: done + chars})
		done += chars
		text = text[size:]
	}
	return out, nil
}

// longestPrefix returns the longest known prefix of text and its bytes, 0 where there is none.
func (w *wordPiece) longestPrefix(known map[string]int32, text []byte) (id int32, size int) {
	size = min(len(text), w.longest)
	for size > 0 && size < len(text) && !utf8.RuneStart(text[size]) {
		size--
	}
	for size > 0 {
		if id, ok := known[string(text[:size])]; ok {
			return id, size
		}
		_, last := utf8.DecodeLastRune(text[:size])
		size -= last
	}
	return 0, 0
}
