package main

import "encoding/json"

// tokenizerJSON writes the vocabulary as the tokenizer.json of an uncased BERT.
func tokenizerJSON(vocab []string) ([]byte, error) {
	type m = map[string]any
	ids := make(map[string]int, len(vocab))
	for i, t := range vocab {
		ids[t] = i
	}
	var added []m
	for i, t := range specials {
		added = append(added, m{"id": i, "content": t, "special": true, "normalized": false, "single_word": false, "lstrip": false, "rstrip": false})
	}
	special := func(t string, typeID int) m { return m{"SpecialToken": m{"id": t, "type_id": typeID}} }
	sequence := func(s string, typeID int) m { return m{"Sequence": m{"id": s, "type_id": typeID}} }
	whole := func(t string) m { return m{"id": t, "ids": []int{ids[t]}, "tokens": []string{t}} }
	raw, err := json.MarshalIndent(m{
		"version": "1.0", "truncation": nil, "padding": nil, "added_tokens": added,
		"normalizer":    m{"type": "BertNormalizer", "clean_text": true, "handle_chinese_chars": true, "strip_accents": nil, "lowercase": true},
		"pre_tokenizer": m{"type": "BertPreTokenizer"},
		"post_processor": m{
			"type":           "TemplateProcessing",
			"single":         []m{special("[CLS]", 0), sequence("A", 0), special("[SEP]", 0)},
			"pair":           []m{special("[CLS]", 0), sequence("A", 0), special("[SEP]", 0), sequence("B", 1), special("[SEP]", 1)},
			"special_tokens": m{"[CLS]": whole("[CLS]"), "[SEP]": whole("[SEP]")},
		},
		"decoder": m{"type": "WordPiece", "prefix": inner, "cleanup": true},
		"model":   m{"type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": inner, "max_input_chars_per_word": 100, "vocab": ids},
	}, "", " ")
	return append(raw, '\n'), err
}
