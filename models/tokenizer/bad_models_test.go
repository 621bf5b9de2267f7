package tokenizer

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// tinyBPE and tinyUnigram are whole files, to break in many ways.
const (
	tinyBPE = `{"version": "1.0", "added_tokens": [], "normalizer": {"type": "Replace", "pattern": {"Regex": "x+"}, "content": "y"},
  "pre_tokenizer": {"type": "Metaspace", "replacement": "_", "prepend_scheme": "first"},
  "post_processor": {"type": "Sequence", "processors": [{"type": "ByteLevel", "trim_offsets": true, "add_prefix_space": true}]},
  "decoder": {"type": "Strip", "content": " ", "start": 1, "stop": 0},
  "model": {"type": "BPE", "dropout": 0.0, "unk_token": "u", "continuing_subword_prefix": "", "fuse_unk": true, "byte_fallback": false,
    "vocab": {"u": 0, "a": 1, "b": 2, "ab": 3, "_": 4}, "merges": [["a", "b"]]}}`
	tinyUnigram = `{"version": "1.0", "added_tokens": [], "model": {"type": "Unigram", "unk_id": 0, "vocab": [["u", 0], ["a", -1.5]]}}`
)

func TestBadModels(t *testing.T) {
	for _, c := range []struct{ file, old, new, want string }{
		{tinyBPE, `[["a", "b"]]`, `[["a", "c"]]`, `model.merges[0]: invalid tokenizer: "c" is not in the vocabulary`},
		{tinyBPE, `[["a", "b"]]`, `[["a", "b"], ["b", "a"]]`, `model.merges[1]: invalid tokenizer: "b" and "a" make "ba", which is not in the vocabulary`},
		{tinyBPE, `[["a", "b"]]`, `["a b", "a"]`, `model.merges[1]: invalid tokenizer: "a" is no pair`},
		{tinyBPE, `[["a", "b"]]`, `[["a"]]`, `model.merges[0]: invalid tokenizer: want a pair`},
		{tinyBPE, `[["a", "b"]]`, `7`, `model.merges: `},
		{tinyBPE, `"merges": [["a", "b"]]`, `"m": 1`, `model.merges: invalid tokenizer: missing`},
		{tinyBPE, `"b": 2`, `"b": 1`, `model.vocab: invalid tokenizer: id 1 belongs to "a" and "b"`},
		{tinyBPE, `"unk_token": "u"`, `"unk_token": "v"`, `model.unk_token: invalid tokenizer: "v" is not in the vocabulary`},
		{tinyBPE, `"dropout": 0.0`, `"dropout": 2`, `model.dropout: `},
		{tinyBPE, `"continuing_subword_prefix": ""`, `"continuing_subword_prefix": "##"`, `model.merges[0]: invalid tokenizer: "b" is shorter than the prefix "##"`},
		{tinyBPE, `"byte_fallback": false`, `"byte_fallback": true, "end_of_word_suffix": "w"`, `model.byte_fallback: unsupported`},
		{tinyBPE, `"x+"`, `"(?~x)"`, `normalizer.pattern: unsupported tokenizer component: regular expression "(?~x)"`},
		{tinyBPE, `{"Regex": "x+"}`, `{"Glob": "x"}`, `normalizer.pattern: invalid tokenizer: want a String or a Regex`},
		{tinyBPE, `"replacement": "_"`, `"replacement": "__"`, `pre_tokenizer.replacement: invalid tokenizer: want one character`},
		{tinyBPE, `"first"`, `"last"`, `pre_tokenizer.prepend_scheme: unsupported tokenizer component "last": known are always, first, never`},
		{tinyBPE, `"prepend_scheme": "first"`, `"prepend_scheme": "first", "add_prefix_space": false`, `pre_tokenizer.add_prefix_space: `},
		{tinyBPE, `{"type": "Metaspace"`, `{"type": "FixedLength", "length": 0, "a": "Metaspace"`, `pre_tokenizer.length: `},
		{tinyBPE, `"trim_offsets": true`, `"trim": true`, `post_processor.processors[0].trim_offsets: invalid tokenizer: missing`},
		{tinyBPE, `"start": 1`, `"start": -1`, `decoder.start: `},
		{tinyUnigram, `"unk_id": 0`, `"unk_id": 2`, `model.unk_id: invalid tokenizer: id 2 is not in the vocabulary of 2`},
		{tinyUnigram, `["a", -1.5]`, `["a"]`, `model.vocab[1]: invalid tokenizer: want a token and its score`},
		{tinyUnigram, `["a", -1.5]`, `["u", -1.5]`, `model.vocab: invalid tokenizer: token "u" has ids 0 and 1`},
		{tinyUnigram, `"model"`, `"normalizer": {"type": "Precompiled", "precompiled_charsmap": "AAAA"}, "model"`, `normalizer.precompiled_charsmap: invalid tokenizer: 3 bytes are no charsmap`},
	} {
		require.Contains(t, c.file, c.old)
		_, err := FromBytes([]byte(strings.Replace(c.file, c.old, c.new, 1)))
		require.ErrorContains(t, err, c.want, "%s", c.new)
	}
}

// TestUnknownCharacter: where nothing stands for what is unknown, the text is refused, as by the reference.
func TestUnknownCharacter(t *testing.T) {
	tok, err := FromBytes([]byte(strings.Replace(tinyUnigram, `"unk_id": 0, `, ``, 1)))
	require.NoError(t, err)
	got, err := tok.Encode("aa", nil)
	require.NoError(t, err)
	require.Equal(t, []int32{1, 1}, got.IDs)
	_, err = tok.Encode("ab", nil)
	require.ErrorIs(t, err, ErrUnknown)
	require.ErrorContains(t, err, `"b"`)
}

// TestDropout: with probability 1 no pair is merged, with 0 all are.
func TestDropout(t *testing.T) {
	for p, want := range map[string][]int32{"0.0": {4, 3}, "1.0": {4, 1, 2}} {
		tok, err := FromBytes([]byte(strings.Replace(tinyBPE, `"dropout": 0.0`, `"dropout": `+p, 1)))
		require.NoError(t, err)
		got, err := tok.Encode("ab", nil)
		require.NoError(t, err)
		require.Equal(t, want, got.IDs)
	}
}

func FuzzModels(f *testing.F) {
	for _, s := range []string{tinyBPE, tinyUnigram, tiny} {
		f.Add([]byte(s), "ab _x\u65e5 <0x41>")
	}
	f.Fuzz(func(t *testing.T, data []byte, text string) {
		tok, err := FromBytes(data)
		if err != nil || len(text) > 200 {
			return
		}
		if e, err := tok.Encode(text, &Options{Padding: &Padding{}}); err == nil {
			tok.Decode(e.IDs, true)
		}
	})
}

func FuzzTranslate(f *testing.F) {
	for _, s := range []string{llama3.pattern, `[a-z&&[^b]]++|\p{^L}{2,}?`, `(?i:a)(?#c)\x{41}[[:alpha:]]`} {
		f.Add(s, "aB 1")
	}
	f.Fuzz(func(t *testing.T, pattern, text string) {
		if len(pattern) > 40 || len(text) > 20 {
			return
		}
		if e, err := compile(pattern); err == nil {
			for _, m := range e.matches([]rune(text)) {
				if m.start > m.end {
					t.Fatal(m)
				}
			}
		}
	})
}

// TestUnigramTies: of equal totals the one found first counts, as HF tokenizers 0.23.3 has it.
func TestUnigramTies(t *testing.T) {
	tok, err := FromBytes([]byte(`{"model": {"type": "Unigram", "unk_id": 0, "vocab": [["u", 0], [".", -1], ["..", -2]]}}`))
	require.NoError(t, err)
	for text, want := range map[string][]int32{"..": {2}, "...": {1, 2}, "....": {2, 2}} {
		got, err := tok.Encode(text, nil)
		require.NoError(t, err)
		require.Equal(t, want, got.IDs, text)
	}
}
