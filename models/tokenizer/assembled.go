package tokenizer

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// parts is a tokenizer.json in the making, for folders with older files.
type parts map[string]any

// engine reads a tokenizer.json made of parts. Special tokens of the config, and of more, that are in the
// vocabulary, or come right after it, are added ones.
func (p parts) engine(c config, vocab []string, more ...string) (*engine, error) {
	ids := make(map[string]int, len(vocab))
	for id, t := range vocab {
		ids[t] = id
	}
	type token = map[string]any
	var added []token
	taken := map[string]bool{}
	next := len(vocab)
	add := func(t addedToken) {
		if t.content == "" || taken[t.content] {
			return
		}
		taken[t.content] = true
		id, ok := ids[t.content]
		if !ok {
			id = next
			next++
		}
		added = append(added, token{
			"id": id, "content": t.content, "single_word": t.singleWord, "lstrip": t.lstrip, "rstrip": t.rstrip,
			"normalized": t.normalized, "special": t.special,
		})
	}
	for _, t := range c.added {
		add(t)
	}
	for _, s := range more {
		if _, ok := ids[s]; ok {
			add(addedToken{content: s, special: true})
		}
	}
	for _, r := range roles() {
		add(addedToken{content: c.tokens[r.key], special: true})
	}
	p["version"], p["added_tokens"] = "1.0", added
	data, err := marshal(p)
	if err != nil {
		return nil, err
	}
	return parse(data)
}

// ends is the template with a token before, unless "", and after each text.
func ends(ids map[string]int, before, after string) any {
	special := map[string]any{}
	piece := func(name string, typeID int) any {
		special[name] = map[string]any{"id": name, "ids": []int{ids[name]}, "tokens": []string{name}}
		return map[string]any{"SpecialToken": map[string]any{"id": name, "type_id": typeID}}
	}
	around := func(sequence string, typeID int) (out []any) {
		if before != "" {
			out = append(out, piece(before, typeID))
		}
		out = append(out, map[string]any{"Sequence": map[string]any{"id": sequence, "type_id": typeID}})
		if after != "" {
			out = append(out, piece(after, typeID))
		}
		return out
	}
	a, b := around("A", 0), around("B", 1)
	return map[string]any{
		"type": "TemplateProcessing", "single": a, "pair": slices.Concat(a, b), "special_tokens": special,
	}
}

// readVocabMerges makes the byte-level BPE of vocab.json and merges.txt, as transformers does for GPT-2 and, where
// the config's class says so, RoBERTa.
func readVocabMerges(dir string, c config) (*engine, error) {
	raw, err := os.ReadFile(filepath.Join(dir, "vocab.json"))
	if err != nil {
		return nil, err
	}
	vocab, err := parseVocabulary("vocab.json", raw)
	if err != nil {
		return nil, err
	}
	text, err := os.ReadFile(filepath.Join(dir, "merges.txt"))
	if err != nil {
		return nil, err
	}
	lines := strings.Split(strings.ReplaceAll(string(text), "\r\n", "\n"), "\n")
	lines = slices.DeleteFunc(lines, func(l string) bool { return l == "" })
	merges, err := splitMerges("merges.txt", lines)
	if err != nil {
		return nil, err
	}
	class, err := fieldOr(c.object, "tokenizer_class", "GPT2Tokenizer")
	if err != nil {
		return nil, err
	}
	prefix, err := fieldOr(c.object, "add_prefix_space", false)
	if err != nil {
		return nil, err
	}
	level := func(trim, prefix bool) any {
		return map[string]any{"type": "ByteLevel", "add_prefix_space": prefix, "trim_offsets": trim, "use_regex": true}
	}
	p := parts{
		"model":         map[string]any{"type": "BPE", "vocab": json.RawMessage(raw), "merges": merges},
		"pre_tokenizer": level(true, prefix), "decoder": level(true, true), "post_processor": level(false, true),
	}
	more := []string{"<|endoftext|>"}
	if strings.HasPrefix(class, "Roberta") || strings.HasPrefix(class, "Longformer") {
		more = []string{"<s>", "<pad>", "</s>", "<unk>", "<mask>"}
		cls, sep := orElse(c.tokens["cls_token"], "<s>"), orElse(c.tokens["sep_token"], "</s>")
		end := func(t string) (any, error) {
			id, ok := vocab.ids[t]
			if !ok {
				return nil, fmt.Errorf("%w: %q is not in vocab.json", ErrFormat, t)
			}
			return []any{t, id}, nil
		}
		clsPair, err := end(cls)
		if err != nil {
			return nil, err
		}
		sepPair, err := end(sep)
		if err != nil {
			return nil, err
		}
		p["post_processor"] = map[string]any{
			"type": "RobertaProcessing", "cls": clsPair, "sep": sepPair, "trim_offsets": true, "add_prefix_space": prefix,
		}
	}
	return p.engine(c, vocab.tokens, more...)
}

func orElse(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}

// readOlder reads a folder without tokenizer.json by the first of the older files that is there.
func readOlder(dir string, c config) (path string, e *engine, err error) {
	for _, kind := range []struct {
		file string
		read func() (*engine, error)
	}{
		{"vocab.json", func() (*engine, error) { return readVocabMerges(dir, c) }},
		{"tokenizer.model", func() (*engine, error) { return readSentencePiece(filepath.Join(dir, "tokenizer.model"), c) }},
		{"spiece.model", func() (*engine, error) { return readSentencePiece(filepath.Join(dir, "spiece.model"), c) }},
		{"vocab.txt", func() (*engine, error) { return readVocabTxt(filepath.Join(dir, "vocab.txt"), c) }},
	} {
		if path = filepath.Join(dir, kind.file); exists(path) {
			e, err = kind.read()
			return path, e, err
		}
	}
	return "", nil, fs.ErrNotExist
}
