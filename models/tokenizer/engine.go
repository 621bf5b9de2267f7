package tokenizer

import (
	"fmt"
	"math"
	"strings"
	"sync"
)

// engine is the tokenizer in pure Go: the reference's pipeline of added tokens, normaliser, pre-tokenizer,
// model, truncation, post-processor and padding. A nil component does nothing.
type engine struct {
	added     added
	normalize normalizer
	split     preTokenizer
	model     model
	post      postProcessor
	decoder   decoder
	sequence  func(src source, i int32, out *Encoding) error // stands in for tokenize, unless nil
	memories  sync.Pool                                      // of *memory

	truncation Truncation
	padding    Padding
	special    SpecialTokens
	maxLength  int
}

var _ Tokenizer = (*engine)(nil)

// model turns words into tokens.
type model interface {
	vocabulary() *vocabulary
	unknown() int32 // id of the unknown token, or -1
	// tokenize appends the tokens of a word, which is not empty, with their ranges of its characters. An error
	// wraps ErrUnknown.
	tokenize(word []rune, out []token) ([]token, error)
}

type token struct {
	id         int32
	start, end int
	surface    bool // unknown, and called by what stands in the text
}

func (e *engine) Encode(text string, o *Options) (*Encoding, error) {
	return e.encodeOne(o, text)
}

func (e *engine) EncodePair(text, pair string, o *Options) (*Encoding, error) {
	return e.encodeOne(o, text, pair)
}

func (e *engine) encodeOne(o *Options, texts ...string) (*Encoding, error) {
	out, err := e.encode(o, texts...)
	if err != nil {
		return nil, err
	}
	return out, e.pad(o, out)
}

func (e *engine) EncodeBatch(texts, pairs []string, o *Options) ([]*Encoding, error) {
	if pairs != nil && len(pairs) != len(texts) {
		return nil, fmt.Errorf("%w: %d and %d", ErrBatch, len(texts), len(pairs))
	}
	out := make([]*Encoding, len(texts))
	for i, text := range texts {
		var err error
		if pairs == nil {
			out[i], err = e.encode(o, text)
		} else {
			out[i], err = e.encode(o, text, pairs[i])
		}
		if err != nil {
			return nil, fmt.Errorf("text %d of the batch: %w", i, err)
		}
	}
	return out, e.pad(o, out...)
}

// encode does all but the padding.
func (e *engine) encode(o *Options, texts ...string) (*Encoding, error) {
	if o == nil {
		o = &Options{}
	}
	m := e.borrow()
	defer e.giveBack(m)
	parts, sources := make([]*Encoding, len(texts)), m.sources[:len(texts)]
	sequence := e.sequence
	if sequence == nil {
		sequence = e.tokenize
	}
	for i, text := range texts {
		if len(text) > math.MaxInt32 {
			return nil, fmt.Errorf("%w: %d bytes", ErrLength, len(text))
		}
		parts[i], sources[i] = &m.parts[i], m.decode(text)
		if err := sequence(sources[i], int32(i), parts[i]); err != nil {
			return nil, err
		}
	}
	limit := e.truncation
	if o.Truncation != nil {
		limit = *o.Truncation
	}
	room := 0
	if e.post != nil && !o.NoSpecialTokens {
		room = e.post.added(len(parts) == 2)
	}
	if err := truncate(parts, limit, room, o.Overflow); err != nil {
		return nil, err
	}
	if e.post != nil {
		parts = e.post.process(parts, sources, !o.NoSpecialTokens)
	}
	out := new(Encoding) // a copy, for the parts are in memory that is given back
	n := 0
	for _, p := range parts {
		n += p.Len()
	}
	out.grow(n)
	for _, p := range parts {
		out.merge(p)
	}
	return out, nil
}

// tokenize appends the tokens of one text as sequence number i, without special tokens.
func (e *engine) tokenize(src source, i int32, out *Encoding) error {
	m := src.text.memory
	pieces := e.added.verbatim.splitAll(m, append(m.pieces.take(1), m.hold(src.text)))
	if e.normalize != nil {
		for i, p := range pieces {
			if p.id < 0 {
				t := m.of(p)
				e.normalize.normalize(&t)
				pieces[i] = m.hold(t)
			}
		}
	}
	pieces = e.added.normalized.splitAll(m, pieces)
	if e.split != nil {
		pieces = e.split.split(m, pieces)
	}

	out.vocab = e.model.vocabulary().tokens
	word, tokens := int32(0), m.tokens
	for _, p := range pieces {
		text := m.of(p)
		if text.len() == 0 {
			continue
		}
		if p.id >= 0 {
			out.named(string(text.runes), p.id, src, text.place(), word, i)
		} else {
			var err error
			if tokens, err = e.model.tokenize(text.runes, tokens[:0]); err != nil {
				return err
			}
			for _, t := range tokens {
				at := text.slice(t.start, t.end).place()
				if t.surface {
					out.named(string(text.runes[t.start:t.end]), t.id, src, at, word, i)
				} else {
					out.add(t.id, src, at, word, i)
				}
			}
		}
		word++
	}
	m.tokens = tokens
	return nil
}

func (e *engine) Decode(ids []int32, skipSpecial bool) string {
	tokens := make([]string, 0, len(ids))
	for _, id := range ids {
		if t, ok := e.IDToToken(id); ok && !(skipSpecial && e.added.isSpecial(t)) {
			tokens = append(tokens, t)
		}
	}
	if e.decoder == nil {
		return strings.Join(tokens, " ")
	}
	return strings.Join(e.decoder.decode(tokens), "")
}

func (e *engine) TokenToID(token string) (int32, bool) {
	if id, ok := e.added.ids[token]; ok {
		return id, true
	}
	id, ok := e.model.vocabulary().ids[token]
	return id, ok
}

// IDToToken returns an added token in its normalised form, as the reference does.
func (e *engine) IDToToken(id int32) (string, bool) {
	if t, ok := e.added.forms[id]; ok {
		return t, true
	}
	if v := e.model.vocabulary(); id >= 0 && int(id) < len(v.tokens) {
		return v.tokens[id], true
	}
	return "", false
}

func (e *engine) VocabSize() int { return len(e.model.vocabulary().tokens) + e.added.beyond }

func (e *engine) Special() SpecialTokens { return e.special }

func (e *engine) MaxLength() int { return e.maxLength }
