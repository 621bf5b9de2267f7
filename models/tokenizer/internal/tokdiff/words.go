package main

import (
	"encoding/json"
	"os"
	"path/filepath"
)

// wordsOf writes the tokenizer of the file at path again with a model that makes a token of each word, called by the
// word itself, into the folder dir: so that what comes before the model is seen in full.
func wordsOf(path, dir string) (string, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return "", err
	}
	var file map[string]any
	if err := json.Unmarshal(data, &file); err != nil {
		return "", err
	}
	file["model"] = map[string]any{"type": "Unigram", "unk_id": 0, "vocab": []any{[]any{"<no token>", 0.0}}}
	file["post_processor"], file["truncation"], file["padding"] = nil, nil, nil
	if added, ok := file["added_tokens"].([]any); ok {
		for i := range added {
			added[i].(map[string]any)["id"] = i + 1
		}
	}
	if data, err = json.Marshal(file); err != nil {
		return "", err
	}
	out := filepath.Join(dir, "words.json")
	return out, os.WriteFile(out, data, 0o600)
}

// components writes each of the tokenizers that the file at path lists into the folder dir. Without a list it returns
// nil.
func components(path, dir string) (files []string, err error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var list struct {
		Components []struct {
			Name      string
			Tokenizer json.RawMessage
		}
	}
	if err := json.Unmarshal(data, &list); err != nil {
		return nil, err
	}
	for _, c := range list.Components {
		file := filepath.Join(dir, c.Name+".json")
		if err := os.WriteFile(file, c.Tokenizer, 0o600); err != nil {
			return nil, err
		}
		files = append(files, file)
	}
	return files, nil
}
