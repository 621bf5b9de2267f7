package tokenizer

import (
	"bytes"
	"encoding/json"
	"fmt"
	"iter"
	"maps"
	"slices"
	"unicode/utf8"
)

// TrainOptions say how a vocabulary is learned. The zero value means the reference's defaults.
type TrainOptions struct {
	VocabSize       int      // tokens, special ones included; 0 means 30000, and 8000 for Unigram
	SpecialTokens   []string // they get the first ids
	MinFrequency    int      // how often a pair must occur to be joined (BPE, WordPiece) or a word (WordLevel)
	LimitAlphabet   int      // the most characters kept (BPE, WordPiece); 0 means all
	InitialAlphabet []rune   // characters that are kept whether they occur or not; ByteAlphabet, for one
	MaxTokenLength  int      // in characters (BPE, WordPiece); 0 means any
	// For Unigram: the unknown token, "" for none, put first unless it is a special one; the longest token in characters, 0 for 16; the share of tokens that a round of pruning keeps, 0
	// for 0.75; rounds of expectation and maximisation before each pruning, 0 for 2.
	UnkToken        string
	MaxPieceLength  int
	ShrinkingFactor float64
	SubIterations   int
}

// ByteAlphabet returns the 256 characters by which byte-level BPE writes bytes, in ascending order.
func ByteAlphabet() []rune { return slices.Sorted(slices.Values(byteChars[:])) }

// Train learns the vocabulary of a tokenizer from texts and returns it as a tokenizer.json, which FromBytes and the
// reference read. template is a tokenizer.json too: its normaliser and pre-tokenizer make the words to learn from,
// its model says by its type (BPE, WordPiece, Unigram or WordLevel) and settings what is learned, and all but the
// model's vocabulary and the added tokens is taken over. nil options mean the defaults.
//
// The vocabulary is the one that Hugging Face tokenizers learns. Where that depends on the order of its hash tables,
// and so changes from run to run - the ids of characters inside words in WordPiece, ties at a limit of the alphabet,
// tokens of equal score in Unigram - it is the order of the words or the characters here. Errors wrap ErrFormat,
// ErrUnsupported or ErrTraining.
func Train(template []byte, texts iter.Seq[string], o *TrainOptions) ([]byte, error) {
	if texts == nil {
		return nil, fmt.Errorf("training a tokenizer: %w: texts is nil", ErrTraining)
	}
	out, err := train(template, texts, o)
	if err != nil {
		return nil, fmt.Errorf("training a tokenizer: %w", err)
	}
	return out, nil
}

func train(template []byte, texts iter.Seq[string], o *TrainOptions) ([]byte, error) {
	if o == nil {
		o = &TrainOptions{}
	}
	if !utf8.Valid(template) {
		return nil, fmt.Errorf("%w: not UTF-8", ErrFormat)
	}
	file, err := parseObject("", template)
	if err != nil {
		return nil, err
	}
	raw, err := field[json.RawMessage](file, "model")
	if err != nil {
		return nil, err
	}
	settings, err := parseObject("model", raw)
	if err != nil {
		return nil, err
	}
	typ, err := field[string](settings, "type")
	if err != nil {
		return nil, err
	}
	learners := map[string]func(object, []wordCount, *TrainOptions) error{
		"BPE": learnBPE, "WordPiece": learnWordPiece, "Unigram": learnUnigram, "WordLevel": learnWordLevel,
	}
	learn, ok := learners[typ]
	if !ok {
		return nil, &FieldError{"model.type", fmt.Errorf("%w %q: known are %q", ErrUnsupported, typ, slices.Sorted(maps.Keys(learners)))}
	}
	words, err := countWords(file, texts)
	if err != nil {
		return nil, err
	}
	if err := learn(settings, words, o); err != nil {
		return nil, err
	}
	return assemble(file, settings, o)
}

// wordCount is a word and how often it occurs.
type wordCount struct {
	text  string
	count int
}

// countWords counts the words that the normaliser and pre-tokenizer of a file make, in ascending order.
func countWords(file object, texts iter.Seq[string]) ([]wordCount, error) {
	normalize, err := component("normalizer", file.fields["normalizer"], normalizers)
	if err != nil {
		return nil, err
	}
	split, err := component("pre_tokenizer", file.fields["pre_tokenizer"], preTokenizers)
	if err != nil {
		return nil, err
	}
	counts := make(map[string]int)
	m := new(memory)
	for text := range texts {
		m.reset()
		t := m.decode(text).text
		if normalize != nil {
			normalize.normalize(&t)
		}
		if t.len() == 0 {
			continue
		}
		pieces := []piece{m.hold(t)}
		if split != nil {
			pieces = split.split(m, pieces)
		}
		for _, p := range pieces {
			counts[string(m.of(p).runes)]++
		}
	}
	words := make([]wordCount, 0, len(counts))
	for _, text := range slices.Sorted(maps.Keys(counts)) {
		words = append(words, wordCount{text, counts[text]})
	}
	return words, nil
}

// assemble writes the file with the model learned and the special tokens.
func assemble(file, model object, o *TrainOptions) ([]byte, error) {
	ids := make(map[string]int32)
	if err := learnedIDs(model, ids); err != nil {
		return nil, err
	}
	type token struct {
		ID         int32  `json:"id"`
		Content    string `json:"content"`
		SingleWord bool   `json:"single_word"`
		Lstrip     bool   `json:"lstrip"`
		Rstrip     bool   `json:"rstrip"`
		Normalized bool   `json:"normalized"`
		Special    bool   `json:"special"`
	}
	added := []token{}
	for _, s := range o.SpecialTokens {
		if !slices.ContainsFunc(added, func(t token) bool { return t.Content == s }) {
			added = append(added, token{ID: ids[s], Content: s, Special: true})
		}
	}
	slices.SortFunc(added, func(a, b token) int { return int(a.ID - b.ID) })
	var err error
	if file.fields["added_tokens"], err = marshal(added); err != nil {
		return nil, err
	}
	if file.fields["model"], err = marshalObject(model.fields, "type", "vocab", "merges"); err != nil {
		return nil, err
	}
	for _, key := range []string{"truncation", "padding", "normalizer", "pre_tokenizer", "post_processor", "decoder"} {
		if !file.has(key) {
			file.fields[key] = json.RawMessage("null")
		}
	}
	file.fields["version"] = json.RawMessage(`"1.0"`)
	out, err := marshalObject(file.fields, "version", "truncation", "padding", "added_tokens", "normalizer", "pre_tokenizer",
		"post_processor", "decoder", "model")
	if err != nil {
		return nil, err
	}
	if _, err := parse(out); err != nil {
		return nil, fmt.Errorf("the template does not fit what was learned: %w", err)
	}
	return out, nil
}

// marshal is json.Marshal without escapes for HTML.
func marshal(v any) (json.RawMessage, error) {
	var buf bytes.Buffer
	e := json.NewEncoder(&buf)
	e.SetEscapeHTML(false)
	err := e.Encode(v)
	return bytes.TrimSuffix(buf.Bytes(), []byte("\n")), err
}

// marshalObject writes fields in the order of the keys given, and then the others in theirs.
func marshalObject(fields map[string]json.RawMessage, order ...string) (json.RawMessage, error) {
	for _, key := range slices.Sorted(maps.Keys(fields)) {
		if !slices.Contains(order, key) {
			order = append(order, key)
		}
	}
	out := []byte{'{'}
	for _, key := range order {
		raw, ok := fields[key]
		if !ok {
			continue
		}
		name, err := marshal(key)
		if err != nil {
			return nil, err
		}
		if len(out) > 1 {
			out = append(out, ',')
		}
		out = append(append(append(out, name...), ':'), raw...)
	}
	return append(out, '}'), nil
}

// setVocab puts the tokens, in the order of their ids, into a model.
func setVocab(model object, tokens []string) error {
	fields := make(map[string]json.RawMessage, len(tokens))
	for id, t := range tokens {
		fields[t] = json.RawMessage(fmt.Sprint(id))
	}
	raw, err := marshalObject(fields, tokens...)
	model.fields["vocab"] = raw
	return err
}

// learnedIDs reads back the ids of a model's tokens.
func learnedIDs(model object, ids map[string]int32) error {
	raw := model.fields["vocab"]
	if len(raw) > 0 && raw[0] == '{' {
		return json.Unmarshal(raw, &ids)
	}
	var list [][2]any
	if err := json.Unmarshal(raw, &list); err != nil {
		return err
	}
	for id, entry := range list {
		if token, ok := entry[0].(string); ok {
			ids[token] = int32(id)
		}
	}
	return nil
}

// learnWordLevel takes the most frequent words, and of equally frequent ones those that come first by their bytes.
func learnWordLevel(model object, words []wordCount, o *TrainOptions) error {
	tokens := unique(o.SpecialTokens)
	slices.SortStableFunc(words, func(a, b wordCount) int { return b.count - a.count })
	size := o.VocabSize
	if size == 0 {
		size = defaultVocabSize
	}
	for _, w := range words {
		if len(tokens) >= size {
			break
		}
		if w.count >= o.MinFrequency && !slices.Contains(o.SpecialTokens, w.text) {
			tokens = append(tokens, w.text)
		}
	}
	return setVocab(model, tokens)
}

const defaultVocabSize = 30000

func unique(tokens []string) []string {
	var out []string
	for _, t := range tokens {
		if !slices.Contains(out, t) {
			out = append(out, t)
		}
	}
	return out
}
