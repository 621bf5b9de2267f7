package tokenizer

import (
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"unicode/utf8"
)

// precompiled is the normaliser of a SentencePiece model: a table of replacements, as a double array over bytes.
type precompiled struct {
	units []uint32
	texts []byte // the replacements, each with a NUL at its end
}

func parsePrecompiled(o object) (normalizer, error) {
	text, err := field[string](o, "precompiled_charsmap")
	if err != nil {
		return nil, err
	}
	raw, err := base64.StdEncoding.DecodeString(text)
	if err == nil {
		var p *precompiled
		if p, err = newPrecompiled(raw); err == nil {
			return p, nil
		}
	}
	return nil, &FieldError{o.at("precompiled_charsmap"), fmt.Errorf("%w: %v", ErrFormat, err)}
}

// newPrecompiled reads a charsmap: the size of the array in bytes, the array, and the replacements.
func newPrecompiled(raw []byte) (*precompiled, error) {
	if len(raw) < 4 {
		return nil, fmt.Errorf("%d bytes are no charsmap", len(raw))
	}
	size := uint64(binary.LittleEndian.Uint32(raw))
	raw = raw[4:]
	if size > uint64(len(raw)) || size < 4 {
		return nil, fmt.Errorf("an array of %d bytes in a charsmap of %d", size, len(raw))
	}
	p := &precompiled{units: make([]uint32, size/4), texts: raw[size/4*4:]}
	for i := range p.units {
		p.units[i] = binary.LittleEndian.Uint32(raw[4*i:])
	}
	if !utf8.Valid(p.texts) {
		return nil, fmt.Errorf("replacements that are not UTF-8")
	}
	return p, nil
}

// lookup returns the replacement of the shortest beginning of text that has one.
func (p *precompiled) lookup(text []byte) (with []byte, ok bool) {
	at := offsetOf(p.units[0])
	for _, c := range text {
		if c == 0 {
			break
		}
		at ^= uint32(c)
		if int(at) >= len(p.units) {
			return nil, false
		}
		unit := p.units[at]
		if unit&(1<<31|0xFF) != uint32(c) {
			return nil, false
		}
		at ^= offsetOf(unit)
		if unit>>8&1 == 1 {
			if int(at) >= len(p.units) {
				return nil, false
			}
			start := int(p.units[at] & (1<<31 - 1))
			if start > len(p.texts) {
				return nil, false
			}
			end := start
			for end < len(p.texts) && p.texts[end] != 0 {
				end++
			}
			return p.texts[start:end], true
		}
	}
	return nil, false
}

func offsetOf(unit uint32) uint32 { return unit >> 10 << (unit & (1 << 9) >> 6) }

// normalize replaces grapheme clusters of less than 6 bytes and, where those have no replacement, characters. As in
// the reference the replacement of a cluster's beginning stands for the whole.
func (p *precompiled) normalize(t *aligned) {
	changes := t.memory.changes.take(t.len() + 8)
	changed := false
	var scratch [64]byte
	replaced := func(part []rune) bool {
		text := scratch[:0]
		for _, r := range part {
			text = utf8.AppendRune(text, r)
		}
		with, ok := p.lookup(text)
		if !ok {
			return false
		}
		changed = true
		before := len(changes)
		for _, r := range string(with) {
			changes = append(changes, change{r, 0})
		}
		more := len(changes) - before - len(part)
		for i := range max(0, more) {
			changes[len(changes)-1-i].n = 1
		}
		if more < 0 && len(changes) > 0 {
			changes[len(changes)-1].n += more
		}
		return true
	}
	for i := 0; i < t.len(); {
		n, size := 1, 0
		if r := t.runes[i]; r > 0x7E || r < ' ' || i+1 < t.len() && t.runes[i+1] > 0x7E {
			n = grapheme(t.runes[i:])
		}
		for _, r := range t.runes[i : i+n] {
			size += utf8.RuneLen(r)
		}
		part := t.runes[i : i+n]
		i += n
		if size < 6 && replaced(part) {
			continue
		}
		for k, r := range part {
			if !replaced(part[k : k+1]) {
				changes = append(changes, change{r, 0})
			}
		}
	}
	if changed {
		t.transform(changes, 0)
	}
}
