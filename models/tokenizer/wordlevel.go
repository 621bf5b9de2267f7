package tokenizer

import (
	"encoding/json"
	"fmt"
)

// wordLevel makes a token of a whole word; of one that is not in the vocabulary, the unknown token.
type wordLevel struct {
	vocab *vocabulary
	unk   int32
}

func parseWordLevel(o object) (model, error) {
	raw, err := field[json.RawMessage](o, "vocab")
	if err != nil {
		return nil, err
	}
	vocab, err := parseVocabulary(o.at("vocab"), raw)
	if err != nil {
		return nil, err
	}
	name, err := field[string](o, "unk_token")
	if err != nil {
		return nil, err
	}
	unk, ok := vocab.ids[name]
	if !ok {
		return nil, &FieldError{o.place, fmt.Errorf("%w: unk_token %q is not in the vocabulary", ErrFormat, name)}
	}
	return &wordLevel{vocab, unk}, nil
}

func (w *wordLevel) vocabulary() *vocabulary { return w.vocab }
func (w *wordLevel) unknown() int32          { return w.unk }

func (w *wordLevel) tokenize(word []rune, out []token) ([]token, error) {
	id, ok := w.vocab.ids[string(word)]
	if !ok {
		id = w.unk
	}
	return append(out, token{id: id, end: len(word)}), nil
}
