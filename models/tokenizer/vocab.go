package tokenizer

import (
	"encoding/json"
	"fmt"
	"math"
	"strconv"
)

// vocabulary is a two-way table of tokens and ids 0, 1, 2, ...
type vocabulary struct {
	tokens []string
	ids    map[string]int32
}

// newVocabulary makes a vocabulary of tokens in the order of their ids. A token that comes twice is an error.
func newVocabulary(tokens []string) (*vocabulary, error) {
	v := &vocabulary{tokens, make(map[string]int32, len(tokens))}
	for id, t := range tokens {
		if first, ok := v.ids[t]; ok {
			return nil, fmt.Errorf("%w: token %q has ids %d and %d", ErrFormat, t, first, id)
		}
		v.ids[t] = int32(id)
	}
	return v, nil
}

// parseVocabulary reads a JSON object of tokens and ids. It is valid JSON, as part of a file already read; a
// scan of its own finds the doubled keys that encoding/json would drop, and is fast.
func parseVocabulary(place string, raw json.RawMessage) (*vocabulary, error) {
	fail := func(format string, args ...any) (*vocabulary, error) {
		return nil, &FieldError{place, fmt.Errorf("%w: "+format, append([]any{ErrFormat}, args...)...)}
	}
	type entry struct {
		token string
		id    int32
	}
	var entries []entry
	i := 0
	skip := func() byte { // white space and commas
		for i < len(raw) && (raw[i] <= ' ' || raw[i] == ',') {
			i++
		}
		if i == len(raw) {
			return 0
		}
		return raw[i]
	}
	if skip() != '{' {
		return fail("want an object of tokens and ids")
	}
	i++
	for skip() == '"' {
		start, escaped := i, false
		for i++; raw[i] != '"'; i++ {
			if raw[i] == '\\' {
				escaped = true
				i++
			}
		}
		i++
		token := string(raw[start+1 : i-1])
		if escaped {
			if err := json.Unmarshal(raw[start:i], &token); err != nil {
				return fail("%v", err)
			}
		}
		if skip() != ':' {
			return fail("no id after %q", token)
		}
		i++
		skip()
		start = i
		for i < len(raw) && raw[i] != ',' && raw[i] != '}' && raw[i] > ' ' {
			i++
		}
		id, err := strconv.ParseInt(string(raw[start:i]), 10, 64)
		if err != nil || id < 0 || id > math.MaxInt32 {
			return fail("token %q: id %.20s is no integer from 0 to %d", token, raw[start:i], math.MaxInt32)
		}
		entries = append(entries, entry{token, int32(id)})
	}

	tokens := make([]string, len(entries))
	seen := make([]bool, len(entries))
	for _, e := range entries {
		if int(e.id) >= len(entries) {
			return fail("token %q: id %d leaves a gap, for there are %d tokens", e.token, e.id, len(entries))
		}
		if seen[e.id] {
			return fail("id %d belongs to %q and %q", e.id, tokens[e.id], e.token)
		}
		tokens[e.id], seen[e.id] = e.token, true
	}
	v, err := newVocabulary(tokens)
	if err != nil {
		return nil, &FieldError{place, err}
	}
	return v, nil
}
