package tokenizer

import (
	"encoding/json"
	"fmt"
)

// postProcessor puts special tokens around one or two sequences. The engine joins what it returns.
type postProcessor interface {
	added(pair bool) int // how many special tokens it adds
	process(parts []*Encoding, special bool) []*Encoding
}

// postProcessors parse what adds special tokens; their ids must be in a vocabulary of the given size.
func postProcessors(vocabSize int) func() map[string]func(object) (postProcessor, error) {
	return func() map[string]func(object) (postProcessor, error) {
		return map[string]func(object) (postProcessor, error){
			"TemplateProcessing": func(o object) (postProcessor, error) { return parseTemplate(o, vocabSize) },
			"BertProcessing":     func(o object) (postProcessor, error) { return parseBertProcessing(o, vocabSize) },
		}
	}
}

// parseBertProcessing reads the older way to say [CLS] A [SEP] B [SEP] as the template that it is.
func parseBertProcessing(o object, vocabSize int) (postProcessor, error) {
	var pieces [2]templatePiece
	for i, key := range []string{"cls", "sep"} {
		pair, err := field[[]json.RawMessage](o, key)
		if err != nil {
			return nil, err
		}
		p := &pieces[i]
		p.ids, p.tokens = make([]int32, 1), make([]string, 1)
		if len(pair) != 2 || json.Unmarshal(pair[0], &p.tokens[0]) != nil || json.Unmarshal(pair[1], &p.ids[0]) != nil {
			return nil, &FieldError{o.at(key), fmt.Errorf("%w: want a token and its id", ErrFormat)}
		}
		if err := checkIDs(o.at(key), p.ids, vocabSize); err != nil {
			return nil, err
		}
	}
	return bertTemplate(pieces[0], pieces[1]), nil
}

// bertTemplate is [CLS] A [SEP] B [SEP], with type 1 from B on.
func bertTemplate(cls, sep templatePiece) *template {
	last := sep
	last.typeID = 1
	a, b := templatePiece{sequence: 1}, templatePiece{sequence: 2, typeID: 1}
	return &template{
		single: []templatePiece{cls, a, sep},
		pair:   []templatePiece{cls, a, sep, b, last},
	}
}

func checkIDs(place string, ids []int32, vocabSize int) error {
	for _, id := range ids {
		if id < 0 || int(id) >= vocabSize {
			return &FieldError{place, fmt.Errorf("%w: id %d is not in the vocabulary of %d", ErrFormat, id, vocabSize)}
		}
	}
	return nil
}
