package tokenizer

import (
	"fmt"
	"os"
	"strings"
	"unicode/utf8"
)

// readVocabTxt makes BERT's tokenizer of a vocab.txt, a token a line in the order of ids, as transformers
// does: do_lower_case (true unless given), strip_accents and tokenize_chinese_chars of tokenizer_config.json
// set the normaliser, and [CLS] A [SEP] B [SEP] is the template.
func readVocabTxt(path string, c config) (*engine, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	if !utf8.Valid(data) {
		return nil, fmt.Errorf("%w: not UTF-8", ErrFormat)
	}
	lines := strings.Split(strings.TrimSuffix(string(data), "\n"), "\n")
	for i, line := range lines {
		lines[i] = strings.TrimSuffix(line, "\r")
	}
	vocab, err := newVocabulary(lines)
	if err != nil {
		return nil, err
	}

	b := bertNormalizer{clean: true}
	if b.chinese, err = fieldOr(c.object, "tokenize_chinese_chars", true); err != nil {
		return nil, err
	}
	if b.lower, err = fieldOr(c.object, "do_lower_case", true); err != nil {
		return nil, err
	}
	if b.accents, err = fieldOr(c.object, "strip_accents", b.lower); err != nil {
		return nil, err
	}

	names := map[string]string{
		"unk_token": "[UNK]", "sep_token": "[SEP]", "pad_token": "[PAD]", "cls_token": "[CLS]", "mask_token": "[MASK]",
	}
	for key := range names {
		if name, ok := c.tokens[key]; ok {
			names[key] = name
		}
	}
	w, err := newWordPiece(vocab, names["unk_token"], "##", 100)
	if err != nil {
		return nil, err
	}
	tokens := c.added
	listed := make(map[string]bool)
	for _, t := range tokens {
		listed[t.content] = true
	}
	for _, r := range roles() {
		name, ok := names[r.key]
		if id, known := vocab.ids[name]; ok && known && !listed[name] {
			tokens = append(tokens, addedToken{id: id, content: name, special: true})
			listed[name] = true
		}
	}

	e := &engine{normalize: b, split: bertPreTokenizer{}, model: w, decoder: wordPieceDecoder{"##", true}}
	if e.added, err = newAdded(tokens, vocab, b); err != nil {
		return nil, err
	}
	find := func(key string) (mark, error) {
		id, ok := e.TokenToID(names[key])
		if !ok {
			return mark{}, fmt.Errorf("%w: %s %q is not in the vocabulary", ErrFormat, key, names[key])
		}
		return mark{names[key], id}, nil
	}
	cls, err := find("cls_token")
	if err != nil {
		return nil, err
	}
	sep, err := find("sep_token")
	if err != nil {
		return nil, err
	}
	e.post = bertTemplate(cls, sep)
	e.guessSpecial()
	return e, nil
}
