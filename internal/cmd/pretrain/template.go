package main

import (
	"fmt"
	"strings"
)

// parseTemplate reads "{rule}", "{rule}s" (or ed, or ing), "(this/that)", "[perhaps]" and plain words.
func parseTemplate(s string) (part, error) {
	p := templateParser{rest: s}
	out, err := p.sequence("")
	if err == nil && p.rest != "" {
		err = fmt.Errorf("unexpected %q", p.rest[:1])
	}
	if err != nil {
		return nil, fmt.Errorf("template %q: %w", s, err)
	}
	return out, nil
}

type templateParser struct{ rest string }

// sequence reads up to one of the bytes of end, which it leaves.
func (p *templateParser) sequence(end string) (part, error) {
	var out chain
	for p.rest != "" && !strings.ContainsRune(end, rune(p.rest[0])) {
		next, err := p.next(end)
		if err != nil {
			return nil, err
		}
		out = append(out, next)
	}
	if len(out) == 1 {
		return out[0], nil
	}
	return out, nil
}

func (p *templateParser) next(end string) (part, error) {
	switch p.rest[0] {
	case '{':
		return p.reference()
	case '(':
		var out choice
		for sep := "("; sep != ")"; {
			p.rest = p.rest[1:]
			one, err := p.sequence("/)")
			if err != nil || p.rest == "" {
				return nil, fmt.Errorf("a choice without end: %w", err)
			}
			out, sep = append(out, one), p.rest[:1]
		}
		p.rest = p.rest[1:]
		return out, nil
	case '[':
		p.rest = p.rest[1:]
		one, err := p.sequence("]")
		if err != nil || p.rest == "" {
			return nil, fmt.Errorf("an option without end: %w", err)
		}
		p.rest = p.rest[1:]
		return option{one}, nil
	case ')', ']', '}':
		return nil, fmt.Errorf("unexpected %q", p.rest[:1])
	}
	i := strings.IndexAny(p.rest, "{([)]}"+end)
	if i < 0 {
		i = len(p.rest)
	}
	out := text(p.rest[:i])
	p.rest = p.rest[i:]
	return out, nil
}

// reference reads "{rule}", and the ending right after it that makes it a form.
func (p *templateParser) reference() (part, error) {
	name, rest, ok := strings.Cut(p.rest[1:], "}")
	if !ok {
		return nil, fmt.Errorf("a rule's name without end")
	}
	p.rest = rest
	for _, suffix := range []string{"s", "ed", "ing"} {
		after, ok := strings.CutPrefix(rest, suffix)
		if ok && (after == "" || !isLetter(after[0])) {
			p.rest = after
			return form{name, suffix}, nil
		}
	}
	return rule(name), nil
}

func isLetter(c byte) bool { return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' }
