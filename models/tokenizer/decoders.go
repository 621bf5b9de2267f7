package tokenizer

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// decoderSequence applies decoders one after another.
type decoderSequence []decoder

func (s decoderSequence) decode(tokens []string) []string {
	for _, d := range s {
		tokens = d.decode(tokens)
	}
	return tokens
}

// bpeDecoder puts a space for the suffix that ends words, and nothing for it in the last token.
type bpeDecoder string

func parseBPEDecoder(o object) (decoder, error) {
	suffix, err := field[string](o, "suffix")
	return bpeDecoder(suffix), err
}

func (d bpeDecoder) decode(tokens []string) []string {
	out := make([]string, len(tokens))
	for i, t := range tokens {
		with := " "
		if i == len(tokens)-1 {
			with = ""
		}
		out[i] = strings.ReplaceAll(t, string(d), with)
	}
	return out
}

// byteFallbackDecoder makes text of runs of tokens like <0x61>; of a run that is not UTF-8, a U+FFFD for each.
type byteFallbackDecoder struct{}

func (byteFallbackDecoder) decode(tokens []string) []string {
	var out []string
	var run []byte
	flush := func() {
		if utf8.Valid(run) && len(run) > 0 {
			out = append(out, string(run))
		} else {
			for range run {
				out = append(out, "\uFFFD")
			}
		}
		run = run[:0]
	}
	for _, t := range tokens {
		if len(t) == 6 && strings.HasPrefix(t, "<0x") && t[5] == '>' {
			// a sign before one digit is a number too, as in the reference
			if b, err := strconv.ParseUint(strings.TrimPrefix(t[3:5], "+"), 16, 8); err == nil {
				run = append(run, byte(b))
				continue
			}
		}
		flush()
		out = append(out, t)
	}
	flush()
	return out
}

// ctc joins what a model of connectionist temporal classification repeats, and drops its padding.
type ctc struct {
	pad, delimiter string
	cleanup        bool
}

func parseCTC(o object) (decoder, error) {
	var c ctc
	var err error
	if c.pad, err = field[string](o, "pad_token"); err != nil {
		return nil, err
	}
	if c.delimiter, err = field[string](o, "word_delimiter_token"); err != nil {
		return nil, err
	}
	c.cleanup, err = field[bool](o, "cleanup")
	return c, err
}

func (c ctc) decode(tokens []string) []string {
	var out []string
	for i, t := range tokens {
		if i > 0 && t == tokens[i-1] {
			continue
		}
		t = strings.ReplaceAll(t, c.pad, "")
		if c.cleanup {
			t = strings.ReplaceAll(cleanup(t), c.delimiter, " ")
		}
		if t != "" {
			out = append(out, t)
		}
	}
	return out
}

// fuse joins all tokens into one.
type fuse struct{}

func (fuse) decode(tokens []string) []string { return []string{strings.Join(tokens, "")} }

// stripDecoder takes a number of characters away from the ends of each token.
type stripDecoder struct {
	content     rune
	start, stop uint
}

func parseStripDecoder(o object) (decoder, error) {
	var s stripDecoder
	var err error
	if s.content, err = character(o, "content"); err != nil {
		return nil, err
	}
	if s.start, err = field[uint](o, "start"); err != nil {
		return nil, err
	}
	s.stop, err = field[uint](o, "stop")
	return s, err
}

func (s stripDecoder) decode(tokens []string) []string {
	out := make([]string, len(tokens))
	mark := string(s.content)
	for i, t := range tokens {
		whole := t
		for n := uint(0); n < s.start && strings.HasPrefix(t, mark); n++ {
			t = t[len(mark):]
		}
		// the ends are found in the whole token: they may meet
		end := len(whole)
		for n := uint(0); n < s.stop && strings.HasSuffix(whole[:end], mark); n++ {
			end -= len(mark)
		}
		out[i] = t[:max(0, len(t)-(len(whole)-end))]
	}
	return out
}
