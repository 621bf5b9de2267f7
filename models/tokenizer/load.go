package tokenizer

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"unicode/utf8"
)

// Load reads the tokenizer of a model folder: tokenizer.json or, where there is none, vocab.json and merges.txt of
// byte-level BPE, a SentencePiece model (tokenizer.model or spiece.model) or the vocab.txt of a BERT.
// tokenizer_config.json and special_tokens_map.json, if there, say which tokens play which part and how long
// an input may be. Errors wrap fs.ErrNotExist, ErrFormat or ErrUnsupported and name the file.
func Load(dir string) (Tokenizer, error) {
	if dir == "" {
		return nil, fmt.Errorf("no tokenizer: the name of the folder is empty: %w", fs.ErrNotExist)
	}
	config, err := readConfig(dir)
	if err != nil {
		return nil, err
	}
	path := filepath.Join(dir, "tokenizer.json")
	data, err := os.ReadFile(path)
	var e *engine
	switch {
	case err == nil:
		e, err = parse(data)
	case errors.Is(err, fs.ErrNotExist):
		if path, e, err = readOlder(dir, config); path == "" {
			return nil, fmt.Errorf("no tokenizer in %s: no tokenizer.json, vocab.json, tokenizer.model, spiece.model or vocab.txt: %w", dir, err)
		}
	}
	if err != nil {
		return nil, fmt.Errorf("tokenizer %s: %w", path, err)
	}
	if err := config.apply(e); err != nil {
		return nil, fmt.Errorf("tokenizer in %s: %w", dir, err)
	}
	return e, nil
}

// FromFile reads a tokenizer.json. Errors wrap ErrFormat or ErrUnsupported, or are those of reading the file.
func FromFile(path string) (Tokenizer, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("tokenizer: %w", err)
	}
	e, err := parse(data)
	if err != nil {
		return nil, fmt.Errorf("tokenizer %s: %w", path, err)
	}
	return e, nil
}

// FromBytes reads the contents of a tokenizer.json. Errors wrap ErrFormat or ErrUnsupported, with the place.
func FromBytes(data []byte) (Tokenizer, error) {
	e, err := parse(data)
	if err != nil {
		return nil, fmt.Errorf("tokenizer: %w", err)
	}
	return e, nil
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

func models() map[string]func(object) (model, error) {
	return map[string]func(object) (model, error){
		"WordPiece": parseWordPiece, "BPE": parseBPE, "Unigram": parseUnigram, "WordLevel": parseWordLevel,
	}
}

func parse(data []byte) (*engine, error) {
	if !utf8.Valid(data) {
		return nil, fmt.Errorf("%w: not UTF-8", ErrFormat)
	}
	var o object
	if err := json.Unmarshal(bytes.TrimPrefix(data, []byte("\uFEFF")), &o.fields); err != nil {
		return nil, fmt.Errorf("%w: %v", ErrFormat, err)
	}
	version, err := fieldOr(o, "version", "1.0")
	if err != nil {
		return nil, err
	}
	if version != "1.0" {
		return nil, &FieldError{"version", fmt.Errorf("%w %q: known is 1.0", ErrUnsupported, version)}
	}

	e := new(engine)
	raw, err := field[json.RawMessage](o, "model")
	if err != nil {
		return nil, err
	}
	if e.model, err = parseModel(raw); err != nil {
		return nil, err
	}
	if e.normalize, err = component("normalizer", o.fields["normalizer"], normalizers); err != nil {
		return nil, err
	}
	if e.split, err = component("pre_tokenizer", o.fields["pre_tokenizer"], preTokenizers); err != nil {
		return nil, err
	}
	if e.decoder, err = component("decoder", o.fields["decoder"], decoders); err != nil {
		return nil, err
	}
	raws, err := fieldOr[[]json.RawMessage](o, "added_tokens", nil)
	if err != nil {
		return nil, err
	}
	tokens, err := parseAdded(raws)
	if err != nil {
		return nil, err
	}
	if e.added, err = newAdded(tokens, e.model.vocabulary(), e.normalize); err != nil {
		return nil, err
	}
	e.post, err = component("post_processor", o.fields["post_processor"], postProcessors(e.VocabSize()))
	if err != nil {
		return nil, err
	}
	if e.truncation, err = parseTruncation(o); err != nil {
		return nil, err
	}
	if e.padding, err = parsePadding(o); err != nil {
		return nil, err
	}
	e.guessSpecial()
	return e, nil
}

// parseModel reads the model. Old files leave out its type; the fields tell.
func parseModel(raw json.RawMessage) (model, error) {
	o, err := parseObject("model", raw)
	if err != nil {
		return nil, err
	}
	if !o.has("type") {
		switch {
		case o.has("merges"):
			return parseBPE(o)
		case o.has("max_input_chars_per_word") && o.has("continuing_subword_prefix"):
			return parseWordPiece(o)
		case o.has("unk_token") && o.has("vocab"):
			return parseWordLevel(o)
		}
	}
	return component("model", raw, models)
}
