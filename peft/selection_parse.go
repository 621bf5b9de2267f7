package peft

import (
	"fmt"
	"strconv"
	"strings"
)

// ParseSelection reads a selection from text, such as a flag: a name, stack(a,b) or average(a:0.3,b:0.7), which may
// stand inside each other. An error tells the place in the text and matches [ErrAdapter].
func ParseSelection(text string) (Selection, error) {
	p := &selectionParser{text: text}
	s, err := p.expr()
	if err != nil {
		return Selection{}, err
	}
	if p.space(); p.pos < len(text) {
		return Selection{}, p.errorf("unexpected %q", text[p.pos:])
	}
	return s, nil
}

// selectionParser reads a text from left to right.
type selectionParser struct {
	text string
	pos  int
}

func (p *selectionParser) errorf(format string, args ...any) error {
	return fmt.Errorf("%w: composition %q, at %d: %s", ErrAdapter, p.text, p.pos+1, fmt.Sprintf(format, args...))
}

func (p *selectionParser) space() {
	for p.pos < len(p.text) && p.text[p.pos] == ' ' {
		p.pos++
	}
}

// word reads up to the next of the syntax's characters.
func (p *selectionParser) word() string {
	p.space()
	start := p.pos
	for p.pos < len(p.text) && !strings.ContainsRune("(),:", rune(p.text[p.pos])) {
		p.pos++
	}
	return strings.TrimSpace(p.text[start:p.pos])
}

func (p *selectionParser) take(c byte) bool {
	p.space()
	if p.pos < len(p.text) && p.text[p.pos] == c {
		p.pos++
		return true
	}
	return false
}

func (p *selectionParser) expr() (Selection, error) {
	name := p.word()
	if name == "" {
		return Selection{}, p.errorf("want a name")
	}
	if !p.take('(') {
		return Selection{op: opUse, name: name}, nil
	}
	if name == "fuse" {
		return Selection{}, &UnsupportedError{Option: "composition fuse(...)"}
	}
	if name != "stack" && name != "average" {
		return Selection{}, p.errorf("unknown composition %q: known are stack, average", name)
	}
	var parts []Selection
	var weights []float64
	for {
		part, err := p.expr()
		if err != nil {
			return Selection{}, err
		}
		parts = append(parts, part)
		if name == "average" {
			if !p.take(':') {
				return Selection{}, p.errorf("want a weight, as in average(a:0.3,b:0.7)")
			}
			text := p.word()
			w, err := strconv.ParseFloat(text, 64)
			if err != nil || w-w != 0 {
				return Selection{}, p.errorf("%q is not a weight", text)
			}
			weights = append(weights, w)
		}
		if p.take(',') {
			continue
		}
		if !p.take(')') {
			return Selection{}, p.errorf("want , or )")
		}
		break
	}
	if name == "stack" {
		return Stack(parts...), nil
	}
	return Average(weights, parts...), nil
}
