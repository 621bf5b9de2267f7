package main

import (
	"embed"
	"fmt"
	"math/rand/v2"
	"strings"
)

//go:embed text/*.txt
var files embed.FS

// corpus writes turns: a sentence to three about one matter, as one person would say them.
type corpus struct {
	rules  grammar
	scenes []scene
}

// scene is a matter that is spoken about.
type scene struct {
	name      string
	desk      bool // at a help desk, where people greet and thank
	sentences []part
}

// newCorpus reads the embedded text. The files are part of the program, so an error is a mistake in them.
func newCorpus() (*corpus, error) {
	c := &corpus{rules: grammar{}}
	for _, f := range []struct {
		name string
		read func(line string) error
	}{{"words", c.rule}, {"shop", c.line}, {"life", c.line}, {"plain", c.line}} {
		raw, err := files.ReadFile("text/" + f.name + ".txt")
		if err != nil {
			return nil, err
		}
		for number, line := range logicalLines(string(raw)) {
			if err := f.read(line); err != nil {
				return nil, fmt.Errorf("text/%s.txt, entry %d: %w", f.name, number+1, err)
			}
		}
		for i := range c.scenes {
			c.scenes[i].desk = c.scenes[i].desk || f.name == "shop"
		}
	}
	return c, c.check()
}

// logicalLines drops comments and blank lines and joins a line that begins with a space to the one before.
func logicalLines(s string) []string {
	var out []string
	for line := range strings.Lines(s) {
		line = strings.TrimRight(line, "\n")
		switch {
		case strings.TrimSpace(line) == "" || line[0] == '#':
		case line[0] == ' ' && len(out) > 0:
			out[len(out)-1] += line
		default:
			out = append(out, line)
		}
	}
	return out
}

// rule reads "name = choice | choice".
func (c *corpus) rule(line string) error {
	name, body, ok := strings.Cut(line, " = ")
	if !ok {
		return fmt.Errorf("%q: want NAME = CHOICE | CHOICE", line)
	}
	var out choice
	for one := range strings.SplitSeq(body, " | ") {
		p, err := parseTemplate(strings.Join(strings.Fields(one), " "))
		if err != nil {
			return err
		}
		out = append(out, p)
	}
	c.rules[name] = out
	return nil
}

// line reads "scene NAME" or a sentence of the last scene.
func (c *corpus) line(line string) error {
	if name, ok := strings.CutPrefix(line, "scene "); ok {
		c.scenes = append(c.scenes, scene{name: name})
		return nil
	}
	if len(c.scenes) == 0 {
		return fmt.Errorf("%q stands before any scene", line)
	}
	p, err := parseTemplate(line)
	if err != nil {
		return err
	}
	s := &c.scenes[len(c.scenes)-1]
	s.sentences = append(s.sentences, p)
	return nil
}

func (c *corpus) check() error {
	var all choice
	for _, p := range c.rules {
		all = append(all, p)
	}
	for _, s := range c.scenes {
		if len(s.sentences) < 6 {
			return fmt.Errorf("scene %q has %d sentences, want at least 6: a dialogue takes three and another three", s.name, len(s.sentences))
		}
		all = append(all, s.sentences...)
	}
	if m := c.rules.missing(all); len(m) > 0 {
		return fmt.Errorf("no rules for %q", m)
	}
	return nil
}

// dialogue gives two turns on one matter, without a sentence in common.
func (c *corpus) dialogue(r *rand.Rand, scene int) (one, other string) {
	s := &c.scenes[scene]
	order := r.Perm(len(s.sentences))
	n, m := turnLength(r), turnLength(r)
	return c.turn(r, s, order[:n]), c.turn(r, s, order[n:n+m])
}

// turnLength is the number of sentences in a turn: mostly one, as people write to a desk.
func turnLength(r *rand.Rand) int { return []int{1, 1, 1, 2, 2, 3}[r.IntN(6)] }

func (c *corpus) turn(r *rand.Rand, s *scene, sentences []int) string {
	var out []string
	add := func(p part) {
		var b strings.Builder
		p.expand(c.rules, r, &b)
		out = append(out, b.String())
	}
	if s.desk && r.IntN(8) == 0 {
		add(rule("hi"))
	}
	for _, i := range sentences {
		add(s.sentences[i])
	}
	if s.desk && r.IntN(8) == 0 {
		add(choice{rule("thanks"), rule("annoyed")})
	}
	return style(r, out)
}
