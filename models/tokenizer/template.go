package tokenizer

import (
	"encoding/json"
	"fmt"
)

// template is the post-processor TemplateProcessing: what one text and what a pair of texts is set into.
type template struct {
	single, pair []templatePiece
}

// templatePiece is one of the sequences, or special tokens.
type templatePiece struct {
	sequence int // 1 for A, 2 for B, 0 for special tokens
	typeID   int32
	special  Encoding // never changes
}

// specialPiece is one of special tokens.
func specialPiece(tokens []string, ids []int32, typeID int32) templatePiece {
	p := templatePiece{typeID: typeID}
	for i, id := range ids {
		p.special.special(tokens[i], id, typeID, 1)
	}
	return p
}

// mark is a special token that stands by itself.
type mark struct {
	token string
	id    int32
}

func (m mark) piece(typeID int32) templatePiece {
	return specialPiece([]string{m.token}, []int32{m.id}, typeID)
}

func (t *template) pieces(pair bool) []templatePiece {
	if pair {
		return t.pair
	}
	return t.single
}

func (t *template) added(pair bool) int {
	n := 0
	for _, p := range t.pieces(pair) {
		n += p.special.Len()
	}
	return n
}

func (t *template) process(parts []*Encoding, _ []source, special bool) []*Encoding {
	pieces := t.pieces(len(parts) == 2)
	out := make([]*Encoding, 0, len(pieces))
	var used [3]bool
	for i := range pieces {
		p := &pieces[i]
		if p.sequence > 0 {
			part := parts[p.sequence-1]
			if used[p.sequence] { // a template may repeat a sequence, with another type
				part = part.clone()
			}
			used[p.sequence] = true
			part.setTypeIDs(p.typeID)
			out = append(out, part)
		} else if special {
			out = append(out, &p.special)
		}
	}
	return out
}

func parseTemplate(o object, vocabSize int) (*template, error) {
	raw, err := field[json.RawMessage](o, "special_tokens")
	if err != nil {
		return nil, err
	}
	special, err := parseObject(o.at("special_tokens"), raw)
	if err != nil {
		return nil, err
	}
	t := new(template)
	if t.single, err = parsePieces(o, "single", special, 1, vocabSize); err != nil {
		return nil, err
	}
	t.pair, err = parsePieces(o, "pair", special, 2, vocabSize)
	return t, err
}

// parsePieces reads one template of a number of sequences.
func parsePieces(o object, key string, special object, sequences, vocabSize int) ([]templatePiece, error) {
	raws, err := field[[]json.RawMessage](o, key)
	if err != nil {
		return nil, err
	}
	out := make([]templatePiece, len(raws))
	for i, raw := range raws {
		place := fmt.Sprintf("%s[%d]", o.at(key), i)
		fail := func(format string, args ...any) ([]templatePiece, error) {
			return nil, &FieldError{place, fmt.Errorf("%w: "+format, append([]any{ErrFormat}, args...)...)}
		}
		var piece struct {
			Sequence, SpecialToken *struct {
				ID     string `json:"id"`
				TypeID int32  `json:"type_id"`
			}
		}
		if err := json.Unmarshal(raw, &piece); err != nil {
			return fail("%v", err)
		}
		switch {
		case piece.Sequence != nil:
			n := map[string]int{"A": 1, "B": 2}[piece.Sequence.ID]
			if n == 0 || n > sequences {
				return fail("no sequence %q here", piece.Sequence.ID)
			}
			out[i] = templatePiece{sequence: n, typeID: piece.Sequence.TypeID}
		case piece.SpecialToken != nil:
			name := piece.SpecialToken.ID
			if !special.has(name) {
				return fail("%q is not in special_tokens", name)
			}
			s, err := parseObject(special.at(name), special.fields[name])
			if err != nil {
				return nil, err
			}
			ids, err := field[[]int32](s, "ids")
			if err != nil {
				return nil, err
			}
			tokens, err := field[[]string](s, "tokens")
			if err != nil {
				return nil, err
			}
			if len(ids) != len(tokens) {
				return fail("%q has %d ids and %d tokens", name, len(ids), len(tokens))
			}
			if err := checkIDs(special.at(name), ids, vocabSize); err != nil {
				return nil, err
			}
			out[i] = specialPiece(tokens, ids, piece.SpecialToken.TypeID)
		default:
			return fail("want a Sequence or a SpecialToken")
		}
	}
	return out, nil
}
