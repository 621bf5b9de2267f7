package tokenizer

import (
	"encoding/json"
	"fmt"
	"slices"

	"github.com/dlclark/regexp2"
)

// span is a half-open range of characters.
type span struct{ start, end int }

// pattern finds its matches in a text, from left to right, without overlap.
type pattern interface{ matches(text []rune) []span }

// parsePattern reads {"String": s} or {"Regex": r}. The regular expressions of well-known tokenizers have scanners
// of their own; others run in a backtracking engine.
func parsePattern(o object, key string) (pattern, error) {
	raw, err := field[json.RawMessage](o, key)
	if err != nil {
		return nil, err
	}
	var p struct{ String, Regex *string }
	if err := json.Unmarshal(raw, &p); err != nil || p.String == nil && p.Regex == nil {
		return nil, &FieldError{o.at(key), fmt.Errorf("%w: want a String or a Regex", ErrFormat)}
	}
	if p.String != nil {
		return literal(*p.String), nil
	}
	for _, s := range []*scanner{&gpt2, &llama3, &qwen2} {
		if s.pattern == *p.Regex {
			return s, nil
		}
	}
	r, err := compile(*p.Regex)
	if err != nil {
		return nil, &FieldError{o.at(key), fmt.Errorf("%w: regular expression %q: %v", ErrUnsupported, *p.Regex, err)}
	}
	return r, nil
}

// literal is a text to be found as it is.
type literal []rune

func (l literal) matches(text []rune) []span {
	var out []span
	for i := 0; len(l) > 0 && i+len(l) <= len(text); {
		if text[i] == l[0] && slices.Equal(text[i:i+len(l)], l) {
			out = append(out, span{i, i + len(l)})
			i += len(l)
		} else {
			i++
		}
	}
	return out
}

func (s *scanner) matches(text []rune) []span {
	var out []span
	for i := 0; i < len(text); {
		end := s.next(text, i)
		out = append(out, span{i, end})
		i = end
	}
	return out
}

// expression is a regular expression in the syntax of Oniguruma, the reference's engine.
type expression struct{ re *regexp2.Regexp }

func compile(text string) (expression, error) {
	translated, err := translate(text)
	if err != nil {
		return expression{}, err
	}
	re, err := regexp2.Compile(translated, regexp2.Multiline)
	return expression{re}, err
}

func (e expression) matches(text []rune) []span {
	var out []span
	last := -1 // the end of the match before
	for m, err := e.re.FindRunesMatch(text); m != nil && err == nil; m, err = e.re.FindNextMatch(m) {
		s := span{m.Index, m.Index + m.Length}
		if s.start == s.end && s.end == last {
			continue // an empty match right after another is none
		}
		out = append(out, s)
		last = s.end
	}
	return out
}
