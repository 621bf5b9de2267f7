package tokenizer

import (
	"encoding/json"
	"fmt"
)

// addedToken is a token found in the text before the model sees it.
type addedToken struct {
	id         int32
	content    string
	singleWord bool // not within a word
	lstrip     bool // takes the white space on its left along
	rstrip     bool // and on its right
	normalized bool // sought in the normalised text, in its own normalised form
	special    bool // left out by Decode on demand
}

// added are the tokens beside the model's vocabulary, some of which may be in it as well.
type added struct {
	verbatim   matcher // sought in the text as it is
	normalized matcher // sought in the normalised text
	ids        map[string]int32
	forms      map[int32]string // what IDToToken returns: the normalised form where one is sought
	specials   map[string]bool
	beyond     int // how many are not in the model's vocabulary
}

func (a *added) isSpecial(token string) bool { return a.specials[token] }

// newAdded builds the table. A token has its id in the vocabulary or, if it is not there, the next free one.
func newAdded(tokens []addedToken, v *vocabulary, n normalizer) (added, error) {
	a := added{ids: map[string]int32{}, forms: map[int32]string{}, specials: map[string]bool{}}
	for i := range tokens {
		t := &tokens[i]
		fail := func(format string, args ...any) (added, error) {
			place := fmt.Sprintf("added_tokens[%d] %q", i, t.content)
			return a, &FieldError{place, fmt.Errorf("%w: "+format, append([]any{ErrFormat}, args...)...)}
		}
		if t.content == "" {
			return fail("is empty")
		}
		if _, twice := a.ids[t.content]; twice {
			return fail("is there twice")
		}
		want, inVocab := v.ids[t.content]
		if !inVocab {
			want = int32(len(v.tokens) + a.beyond)
			a.beyond++
		}
		if t.id != want && inVocab {
			return fail("has id %d here and %d in the vocabulary", t.id, want)
		} else if t.id != want {
			return fail("has id %d, but the next free one is %d", t.id, want)
		}
		a.ids[t.content] = t.id
		a.forms[t.id] = t.content
		if t.special {
			a.specials[t.content] = true
		}
		where, pattern := &a.verbatim, t.content
		if t.normalized {
			where = &a.normalized
			if n != nil {
				text := decode(t.content).text
				n.normalize(&text)
				pattern = string(text.runes)
				a.forms[t.id] = pattern
			}
		}
		if other := where.add(pattern, t); other != nil {
			return fail("cannot be told from %q once normalised", other.content)
		}
	}
	return a, nil
}

func parseAdded(raws []json.RawMessage) ([]addedToken, error) {
	out := make([]addedToken, len(raws))
	for i, raw := range raws {
		o, err := parseObject(fmt.Sprintf("added_tokens[%d]", i), raw)
		if err != nil {
			return nil, err
		}
		if out[i].id, err = field[int32](o, "id"); err != nil {
			return nil, err
		}
		if out[i], err = parseAddedToken(o, out[i].id); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func parseAddedToken(o object, id int32) (addedToken, error) {
	t := addedToken{id: id}
	var err error
	if t.content, err = field[string](o, "content"); err != nil {
		return t, err
	}
	for _, f := range []struct {
		key string
		to  *bool
	}{
		{"single_word", &t.singleWord}, {"lstrip", &t.lstrip}, {"rstrip", &t.rstrip},
		{"normalized", &t.normalized}, {"special", &t.special},
	} {
		if *f.to, err = field[bool](o, f.key); err != nil {
			return t, err
		}
	}
	return t, nil
}
