package tokenizer

import (
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// tiny is a whole tokenizer.json, small enough to break in many ways.
const tiny = `{
  "version": "1.0",
  "truncation": null,
  "padding": null,
  "added_tokens": [{"id": 0, "content": "[UNK]", "single_word": false, "lstrip": false, "rstrip": false, "normalized": false, "special": true}],
  "normalizer": {"type": "Sequence", "normalizers": [{"type": "NFD"}, {"type": "Lowercase"}]},
  "pre_tokenizer": {"type": "BertPreTokenizer"},
  "post_processor": {"type": "TemplateProcessing",
    "single": [{"Sequence": {"id": "A", "type_id": 0}}, {"SpecialToken": {"id": "a", "type_id": 0}}],
    "pair": [{"Sequence": {"id": "A", "type_id": 0}}, {"Sequence": {"id": "B", "type_id": 1}}],
    "special_tokens": {"a": {"id": "a", "ids": [1], "tokens": ["a"]}}},
  "decoder": {"type": "WordPiece", "prefix": "##", "cleanup": true},
  "model": {"type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##",
    "max_input_chars_per_word": 100, "vocab": {"[UNK]": 0, "a": 1, "##b": 2, "\u00e9\"": 3}}
}`

func TestBadFiles(t *testing.T) {
	for _, c := range []struct{ old, new, want string }{
		{`"version": "1.0"`, `"version": "2.0"`, `version: unsupported tokenizer component "2.0"`},
		{`{"type": "Lowercase"}`, `{"type": "Foo"}`,
			`normalizer.normalizers[1].type: unsupported tokenizer component "Foo": known are BertNormalizer, ByteLevel, Lowercase, NFC`},
		{`{"type": "Lowercase"}`, `null`, `normalizer.normalizers[1]: `},
		{`{"type": "NFD"}`, `{"type": "BertNormalizer", "clean_text": true}`, `normalizer.normalizers[0].handle_chinese_chars: invalid tokenizer: missing`},
		{`"type": "BertPreTokenizer"`, `"type": "Words"`, `pre_tokenizer.type: `},
		{`"type": "BertPreTokenizer"`, `"kind": 1`, `pre_tokenizer.type: invalid tokenizer: missing`},
		{`{"type": "BertPreTokenizer"}`, `7`, `pre_tokenizer: invalid tokenizer: want an object`},
		{`"type": "WordPiece", "unk_token"`, `"type": "Trigram", "unk_token"`, `model.type: unsupported tokenizer component "Trigram"`},
		{`"cleanup": true`, `"cleanup": "yes"`, `decoder.cleanup: `},
		{`"unk_token": "[UNK]"`, `"unk_token": "<unk>"`, `model: invalid tokenizer: unk_token "<unk>" is not in the vocabulary`},
		{`"a": 1`, `"a": 2`, `model.vocab: invalid tokenizer: id 2 belongs to "a" and "##b"`},
		{`"a": 1`, `"a": 9`, `model.vocab: invalid tokenizer: token "a": id 9 leaves a gap`},
		{`"a": 1`, `"a": -1`, `model.vocab: invalid tokenizer: token "a": id -1`},
		{`"a": 1`, `"a": 1.5`, `model.vocab: invalid tokenizer: token "a": id 1.5`},
		{`"a": 1`, `"[UNK]": 1`, `model.vocab: invalid tokenizer: token "[UNK]" has ids 0 and 1`},
		{`"vocab": {`, `"vocab": 3, "was": {`, `model.vocab: invalid tokenizer: want an object`},
		{`"max_input_chars_per_word": 100`, `"max_input_chars_per_word": -1`, `model.max_input_chars_per_word: `},
		{`{"id": 0, "content"`, `{"id": 2, "content"`, `added_tokens[0] "[UNK]": invalid tokenizer: has id 2 here and 0 in the vocabulary`},
		{`"content": "[UNK]"`, `"content": "x"`, `added_tokens[0] "x": invalid tokenizer: has id 0, but the next free one is 4`},
		{`"content": "[UNK]"`, `"content": ""`, `is empty`},
		{`"lstrip": false, `, ``, `added_tokens[0].lstrip: invalid tokenizer: missing`},
		{`"ids": [1]`, `"ids": [4]`, `post_processor.special_tokens.a: invalid tokenizer: id 4 is not in the vocabulary of 4`},
		{`"ids": [1]`, `"ids": [1, 2]`, `2 ids and 1 tokens`},
		{`"SpecialToken": {"id": "a"`, `"SpecialToken": {"id": "b"`, `post_processor.single[1]: invalid tokenizer: "b" is not in special_tokens`},
		{`"single": [{"Sequence": {"id": "A"`, `"single": [{"Sequence": {"id": "B"`, `post_processor.single[0]: invalid tokenizer: no sequence "B" here`},
		{`"truncation": null`, `"truncation": {"max_length": 0}`, `truncation.max_length: `},
		{`"truncation": null`, `"truncation": {"max_length": 5, "stride": 0, "strategy": "Most"}`, `truncation.strategy: unsupported`},
		{`"padding": null`, `"padding": {"strategy": "Longest"}`, `padding.strategy: unsupported`},
		{`"padding": null`, `"padding": {"strategy": {"Fixed": 4000000000}, "direction": "Left"}`, `padding: invalid tokenizer: to more than 16777216`},
		{`"model": {`, `"model": [{`, `invalid tokenizer`},
		{`}`, ``, `invalid tokenizer`},
	} {
		require.Contains(t, tiny, c.old)
		_, err := FromBytes([]byte(strings.Replace(tiny, c.old, c.new, 1)))
		require.ErrorContains(t, err, c.want, "%s", c.new)
		if strings.Contains(err.Error(), "unsupported") {
			require.ErrorIs(t, err, ErrUnsupported)
		} else {
			require.ErrorIs(t, err, ErrFormat)
		}
	}
	_, err := FromBytes([]byte(tiny))
	require.NoError(t, err)
	tok, err := FromBytes([]byte(strings.Replace(tiny, `"unk_token": "[UNK]"`, `"unk_token": "a"`, 1)))
	require.NoError(t, err)
	require.EqualValues(t, 1, tok.Special().Unk)
	_, err = FromBytes([]byte("{\"\xff\": 1}"))
	require.ErrorIs(t, err, ErrFormat)
	_, err = FromFile(filepath.Join(t.TempDir(), "none.json"))
	require.ErrorIs(t, err, fs.ErrNotExist)
	dir := t.TempDir()
	_, err = Load(dir)
	require.ErrorIs(t, err, fs.ErrNotExist)
	require.ErrorContains(t, err, dir)
}

// TestNormalizedTwice: two added tokens that the normaliser makes one cannot be told apart.
func TestNormalizedTwice(t *testing.T) {
	more := `[{"id": 4, "content": "Foo", "single_word": false, "lstrip": false, "rstrip": false, "normalized": true, "special": false},
	          {"id": 5, "content": "fOO", "single_word": false, "lstrip": false, "rstrip": false, "normalized": true, "special": false},`
	_, err := FromBytes([]byte(strings.Replace(tiny, `"added_tokens": [`, `"added_tokens": `+more, 1)))
	require.ErrorContains(t, err, `added_tokens[1] "fOO": invalid tokenizer: cannot be told from "Foo" once normalised`)
}

// TestVocabTxt holds a folder with only vocab.txt to the goldens of its tokenizer.json.
func TestVocabTxt(t *testing.T) {
	whole, err := FromFile("testdata/wordpiece/tokenizer.json")
	require.NoError(t, err)
	var lines strings.Builder
	for id := range int32(whole.VocabSize()) {
		token, ok := whole.IDToToken(id)
		require.True(t, ok)
		lines.WriteString(token + "\n")
	}
	dir := t.TempDir()
	write := func(name, text string) {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600))
	}
	write("vocab.txt", lines.String())
	write("tokenizer_config.json", `{"do_lower_case": true, "model_max_length": 512, "cls_token": {"content": "[CLS]"}}`)
	tok, err := Load(dir)
	require.NoError(t, err)
	require.Equal(t, 512, tok.MaxLength())
	require.Equal(t, whole.Special(), tok.Special())
	var golden struct {
		Cases []struct {
			Text, Decoded string
			fields
		}
	}
	readJSON(t, "testdata/wordpiece/golden.json", &golden)
	for _, c := range golden.Cases {
		got, err := tok.Encode(c.Text, nil)
		require.NoError(t, err)
		require.Equal(t, c.fields, fieldsOf(got), "%q", c.Text)
		require.Equal(t, c.Decoded, tok.Decode(got.IDs, true))
	}

	// the config's choices reach the normaliser: as the reference's "cased" variant has it
	write("tokenizer_config.json", `{"do_lower_case": false, "model_max_length": 1e30}`)
	tok, err = Load(dir)
	require.NoError(t, err)
	require.Zero(t, tok.MaxLength())
	var cased awkward
	readJSON(t, "testdata/awkward.json", &cased)
	seen := 0
	for _, c := range cased.Cases {
		if c.Variant == "cased" && c.Pair == nil && !c.Bare && c.Truncation == nil {
			got, err := tok.Encode(c.Text, nil)
			require.NoError(t, err)
			require.NoError(t, sameEncoding(c.Encoding.Encoding, got, true))
			seen++
		}
	}
	require.NotZero(t, seen)

	write("tokenizer_config.json", `{"mask_token": "<mask>"}`)
	_, err = Load(dir)
	require.ErrorContains(t, err, `mask_token: invalid tokenizer: "<mask>" is not in the vocabulary`)
	write("tokenizer_config.json", `{"mask_token": 3}`)
	_, err = Load(dir)
	require.ErrorContains(t, err, "tokenizer_config.json.mask_token: ")
	write("tokenizer_config.json", `{"added_tokens_decoder": {"701": {"content": "<a>", "single_word": false, "lstrip": false, "rstrip": false, "normalized": false, "special": true}}}`)
	_, err = Load(dir)
	require.ErrorContains(t, err, `"<a>": invalid tokenizer: has id 701, but the next free one is 700`)
	write("tokenizer_config.json", `{}`)
	write("vocab.txt", "[UNK]\na\na\n")
	_, err = Load(dir)
	require.ErrorContains(t, err, `token "a" has ids 1 and 2`)
	write("vocab.txt", "[UNK]\na\n")
	_, err = Load(dir)
	require.ErrorContains(t, err, `cls_token "[CLS]" is not in the vocabulary`)
}

// TestAddedTokensOfConfig: tokens that only the config knows come after the vocabulary.
func TestAddedTokensOfConfig(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "vocab.txt"), []byte("[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\nhi\r\n"), 0o600))
	config, err := json.Marshal(map[string]any{"added_tokens_decoder": map[string]any{
		"6": map[string]any{"content": "<a>", "single_word": false, "lstrip": true, "rstrip": false, "normalized": false, "special": true},
	}})
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "tokenizer_config.json"), config, 0o600))
	tok, err := Load(dir)
	require.NoError(t, err)
	require.Equal(t, 7, tok.VocabSize())
	got, err := tok.Encode("hi  <a>hi[MASK]", nil)
	require.NoError(t, err)
	require.Equal(t, []int32{2, 5, 6, 5, 4, 3}, got.IDs)
	require.Equal(t, []string{"[CLS]", "hi", "  <a>", "hi", "[MASK]", "[SEP]"}, got.Tokens())
	id, ok := tok.TokenToID("<a>")
	require.True(t, ok)
	require.EqualValues(t, 6, id)
	_, ok = tok.IDToToken(7)
	require.False(t, ok)
	_, ok = tok.IDToToken(-1)
	require.False(t, ok)
	require.Equal(t, "hi hi", tok.Decode([]int32{2, 5, 6, -3, 99, 5, 3}, true))
}
