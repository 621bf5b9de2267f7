package tokenizer

import (
	"encoding/json"
	"fmt"
)

// postProcessor puts special tokens around one or two sequences. The engine joins what it returns.
type postProcessor interface {
	added(pair bool) int // how many special tokens it adds
	// process is given the sequences, one or two, and the texts they come from.
	process(parts []*Encoding, src []source, special bool) []*Encoding
}

// postProcessors parse what adds special tokens; their ids must be in a vocabulary of the given size.
func postProcessors(vocabSize int) func() map[string]func(object) (postProcessor, error) {
	return func() map[string]func(object) (postProcessor, error) {
		return map[string]func(object) (postProcessor, error){
			"TemplateProcessing": func(o object) (postProcessor, error) { return parseTemplate(o, vocabSize) },
			"BertProcessing":     func(o object) (postProcessor, error) { return parseBertProcessing(o, vocabSize) },
			"RobertaProcessing":  func(o object) (postProcessor, error) { return parseRoberta(o, vocabSize) },
			"ByteLevel":          parseTrimmer,
			"Sequence":           func(o object) (postProcessor, error) { return parsePostSequence(o, vocabSize) },
		}
	}
}

// parseBertProcessing reads the older way to say [CLS] A [SEP] B [SEP] as the template that it is.
func parseBertProcessing(o object, vocabSize int) (postProcessor, error) {
	cls, sep, err := parseEnds(o, vocabSize)
	if err != nil {
		return nil, err
	}
	return bertTemplate(cls, sep), nil
}

// parseEnds reads the fields "cls" and "sep", each a token and its id.
func parseEnds(o object, vocabSize int) (cls, sep mark, err error) {
	var marks [2]mark
	for i, key := range []string{"cls", "sep"} {
		pair, err := field[[]json.RawMessage](o, key)
		if err != nil {
			return cls, sep, err
		}
		m := &marks[i]
		if len(pair) != 2 || json.Unmarshal(pair[0], &m.token) != nil || json.Unmarshal(pair[1], &m.id) != nil {
			return cls, sep, &FieldError{o.at(key), fmt.Errorf("%w: want a token and its id", ErrFormat)}
		}
		if err := checkIDs(o.at(key), []int32{m.id}, vocabSize); err != nil {
			return cls, sep, err
		}
	}
	return marks[0], marks[1], nil
}

// bertTemplate is [CLS] A [SEP] B [SEP], with type 1 from B on.
func bertTemplate(cls, sep mark) *template {
	a, b := templatePiece{sequence: 1}, templatePiece{sequence: 2, typeID: 1}
	return &template{
		single: []templatePiece{cls.piece(0), a, sep.piece(0)},
		pair:   []templatePiece{cls.piece(0), a, sep.piece(0), b, sep.piece(1)},
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

// roberta is RobertaProcessing: <s> A </s> </s> B </s>, all of type 0, with offsets trimmed.
type roberta struct {
	trimmer
	*template
}

func parseRoberta(o object, vocabSize int) (postProcessor, error) {
	cls, sep, err := parseEnds(o, vocabSize)
	if err != nil {
		return nil, err
	}
	trim, err := parseTrim(o)
	if err != nil {
		return nil, err
	}
	a, b := templatePiece{sequence: 1}, templatePiece{sequence: 2}
	begin, end := cls.piece(0), sep.piece(0)
	return roberta{trim, &template{
		single: []templatePiece{begin, a, end},
		pair:   []templatePiece{begin, a, end, end, b, end},
	}}, nil
}

func (r roberta) added(pair bool) int { return r.template.added(pair) }

func (r roberta) process(parts []*Encoding, src []source, special bool) []*Encoding {
	parts = r.trimmer.process(parts, src, special)
	for _, p := range parts {
		for _, o := range p.Overflowing {
			o.setTypeIDs(0)
		}
	}
	return r.template.process(parts, src, special)
}

// postSequence applies post-processors one after another. At most one of them, the last to add tokens, does so.
type postSequence []postProcessor

func parsePostSequence(o object, vocabSize int) (postProcessor, error) {
	list, err := components(o, "processors", postProcessors(vocabSize))
	if err != nil {
		return nil, err
	}
	templates := 0
	for _, p := range list {
		if _, ok := p.(trimmer); !ok {
			templates++
		}
	}
	if templates > 1 {
		return nil, &FieldError{o.at("processors"), fmt.Errorf("%w: more than one that adds tokens", ErrUnsupported)}
	}
	return postSequence(list), nil
}

func (s postSequence) added(pair bool) int {
	n := 0
	for _, p := range s {
		n += p.added(pair)
	}
	return n
}

func (s postSequence) process(parts []*Encoding, src []source, special bool) []*Encoding {
	for _, p := range s {
		parts = p.process(parts, src, special)
	}
	return parts
}
