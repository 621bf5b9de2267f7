package data_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gopeft/gopeft/models/tokenizer"
	"github.com/gopeft/gopeft/peft/data"
)

// words is a tokenizer of words: a to h are 3 to 10; a text stands between <s>, 0, and </s>, 2. Padding is 1.
func words(t *testing.T) tokenizer.Tokenizer {
	t.Helper()
	special := func(id, name string) string {
		return `{"id": ` + id + `, "content": "` + name + `", "special": true, "single_word": false, "lstrip": false, "rstrip": false, "normalized": false}`
	}
	tok, err := tokenizer.FromBytes([]byte(`{
		"added_tokens": [` + special("0", "<s>") + `, ` + special("1", "<pad>") + `, ` + special("2", "</s>") + `],
		"pre_tokenizer": {"type": "WhitespaceSplit"},
		"post_processor": {"type": "TemplateProcessing",
			"single": [{"SpecialToken": {"id": "<s>", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}}, {"SpecialToken": {"id": "</s>", "type_id": 0}}],
			"pair": [{"Sequence": {"id": "A", "type_id": 0}}, {"Sequence": {"id": "B", "type_id": 1}}],
			"special_tokens": {"<s>": {"id": "<s>", "ids": [0], "tokens": ["<s>"]}, "</s>": {"id": "</s>", "ids": [2], "tokens": ["</s>"]}}},
		"model": {"type": "WordLevel", "unk_token": "<pad>", "vocab": {"<s>": 0, "<pad>": 1, "</s>": 2,
			"a": 3, "b": 4, "c": 5, "d": 6, "e": 7, "f": 8, "g": 9, "h": 10}}}`))
	require.NoError(t, err)
	return tok
}

// bare is a tokenizer that adds nothing to a text and has no end.
type bare struct{ tokenizer.Tokenizer }

func (b bare) Special() tokenizer.SpecialTokens {
	special := b.Tokenizer.Special()
	special.EOS = -1
	return special
}

func (b bare) Encode(text string, o *tokenizer.Options) (*tokenizer.Encoding, error) {
	return noPad{b.Tokenizer, -1}.Encode(text, o)
}

func TestContinuing(t *testing.T) {
	const no = data.IgnoreIndex
	tok, answer := words(t), data.WordLabel
	for name, c := range map[string]struct {
		tok         tokenizer.Tokenizer
		example     data.Example
		ids, labels []int32
	}{
		"a text":                 {tok, data.Example{Text: "a b c"}, []int32{0, 3, 4, 5, 2}, []int32{0, 3, 4, 5, 2}},
		"a text, cut":            {tok, data.Example{Text: "a b c d e f g"}, []int32{0, 3, 4, 5, 6, 2}, []int32{0, 3, 4, 5, 6, 2}},
		"a text with its end":    {bare{tok}, data.Example{Text: "a b </s>"}, []int32{3, 4, 2}, []int32{3, 4, 2}},
		"an answer":              {tok, data.Example{Text: "a b", Label: answer("c")}, []int32{0, 3, 4, 5, 2}, []int32{no, no, no, 5, 2}},
		"an answer, cut":         {tok, data.Example{Text: "a b", Label: answer("c d e f")}, []int32{0, 3, 4, 5, 6, 7}, []int32{no, no, no, 5, 6, 7}},
		"an answer without end":  {bare{tok}, data.Example{Text: "a b", Label: answer("c d")}, []int32{3, 4, 5, 6}, []int32{no, no, 5, 6}},
		"nothing to answer":      {tok, data.Example{Text: "a b", Label: answer("")}, []int32{0, 3, 4, 2}, []int32{no, no, no, 2}},
		"an answer to nothing":   {tok, data.Example{Label: answer("a")}, []int32{0, 3, 2}, []int32{no, 3, 2}},
		"to nothing, no start":   {bare{tok}, data.Example{Label: answer("a b")}, []int32{3, 4}, []int32{3, 4}},
		"special tokens written": {tok, data.Example{Text: "a <s> </s>", Label: answer("b")}, []int32{0, 3, 0, 2, 4, 2}, []int32{no, no, no, no, 4, 2}},
	} {
		t.Run(name, func(t *testing.T) {
			l, err := data.NewLoader([]data.Example{c.example}, data.Options{
				Encoder: data.Encoder{Tokenizer: c.tok, MaxLength: 6}, Target: data.Continuing, BatchSize: 2,
			})
			require.NoError(t, err)
			b := collect(t, l, 0, 0)[0]
			n := len(c.ids)
			ids, mask, labels := fill(c.ids, 6, 1), fill(fill(nil, n, 1), 6, 0), fill(c.labels, 6, no)
			require.Equal(t, [][]int32{ids, ids}, b.Tensors["input_ids"].Value())
			require.Equal(t, [][]int32{mask, mask}, b.Tensors["attention_mask"].Value())
			require.Equal(t, [][]int32{labels, fill(nil, 6, no)}, b.Tensors["labels"].Value())
			require.Len(t, b.Tensors, 3)
			require.Equal(t, []int{1, n}, []int{b.Rows, b.Tokens})
		})
	}
}

// fill lengthens a row.
func fill(row []int32, length int, with int32) []int32 {
	row = append([]int32{}, row...)
	for len(row) < length {
		row = append(row, with)
	}
	return row
}

// What can't be learned from is an error that names it: where the loader is made, or in place of its batch.
func TestContinuingBad(t *testing.T) {
	tok := words(t)
	fine := data.Example{Text: "a b"}
	for name, c := range map[string]struct {
		tok    tokenizer.Tokenizer
		second data.Example
		pairs  bool
		is     error
		says   string
	}{
		"a class":                {tok, data.Example{Text: "a", Label: data.IntegerLabel(3)}, false, data.ErrLabel, `example 1: field "label": unusable label: is an integer, want a text or nothing`},
		"a pair":                 {tok, data.Example{Text: "a", Pair: "b"}, false, data.ErrOption, `example 1: field "text_pair"`},
		"pairs":                  {tok, fine, true, data.ErrOption, "Pairs: "},
		"no room for the answer": {tok, data.Example{Text: "a b c d e", Label: data.WordLabel("f")}, false, tokenizer.ErrTruncation, "example 1: cannot truncate: the text's 6 tokens leave no room for the label in 6"},
		"one token":              {bare{tok}, data.Example{Text: "a"}, false, data.ErrFormat, "example 1: malformed data: there is no token to be learned behind the given ones (1)"},
		"no answer":              {bare{tok}, data.Example{Text: "a b", Label: data.WordLabel("")}, false, data.ErrFormat, "example 1: malformed data: there is no token to be learned behind the given ones (2)"},
		"nothing":                {bare{tok}, data.Example{}, false, data.ErrFormat, "example 1: "},
	} {
		t.Run(name, func(t *testing.T) {
			l, err := data.NewLoader([]data.Example{fine, c.second}, data.Options{
				Encoder: data.Encoder{Tokenizer: c.tok, MaxLength: 6, Pairs: c.pairs}, Target: data.Continuing,
			})
			if err == nil {
				for _, err = range l.Epoch(0, 0) {
				}
			}
			require.ErrorIs(t, err, c.is)
			require.ErrorContains(t, err, c.says)
		})
	}
}

// Lines may lack a label where that is asked for, and only then.
func TestLabelLess(t *testing.T) {
	path := write(t, strings.Join([]string{`{"text": "a b"}`, `{"text": "a", "label": "b"}`}, "\n"))
	examples, err := data.ReadJSONL(path, data.Fields{Unlabelled: true})
	require.NoError(t, err)
	require.Equal(t, []data.Kind{data.NoLabel, data.Word}, []data.Kind{examples[0].Label.Kind(), examples[1].Label.Kind()})
	_, err = data.ReadJSONL(path, data.Fields{})
	require.ErrorContains(t, err, `:1: field "label": malformed data: is missing`)
}
