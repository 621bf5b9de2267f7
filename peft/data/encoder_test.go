package data_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gopeft/gopeft/models/tokenizer"
	"github.com/gopeft/gopeft/peft/data"
)

// letters gives a text of n tokens, [CLS] and [SEP] among them.
func letters(n int) string { return strings.Repeat("a ", n-2) }

func TestBuckets(t *testing.T) {
	for _, c := range []struct {
		buckets             []int
		limit, tokens, want int
	}{
		{nil, 0, 2, 16}, {nil, 0, 16, 16}, {nil, 0, 17, 32}, {nil, 0, 33, 64}, {nil, 0, 300, 512},
		{nil, 40, 16, 16}, {nil, 40, 33, 40}, {nil, 40, 99, 40}, {nil, 10, 3, 10},
		{[]int{4, 24}, 0, 4, 4}, {[]int{4, 24}, 0, 5, 24}, {[]int{4, 24}, 0, 25, 32}, {[]int{4, 24}, 0, 65, 128},
		{[]int{4, 24}, 30, 25, 30}, {[]int{4, 24}, 30, 99, 30}, {[]int{4, 24}, 24, 99, 24}, {[]int{4}, 200, 5, 200},
	} {
		e := data.Encoder{Tokenizer: wordpiece(t), MaxLength: c.limit, Buckets: c.buckets}
		b, err := e.Encode([]data.Example{{Text: letters(2)}, {Text: letters(c.tokens)}}, 0)
		require.NoError(t, err)
		require.Equal(t, []int{2, c.want}, b.Tensors["input_ids"].Shape().Dimensions, "%+v", c)
	}
}

// limited is a tokenizer that knows the longest input of its model.
type limited struct{ tokenizer.Tokenizer }

func (limited) MaxLength() int { return 5 }

func TestEncodeToTheTokenizersLimit(t *testing.T) {
	e := data.Encoder{Tokenizer: limited{wordpiece(t)}}
	for limit, want := range map[int]int{0: 5, 4: 4, 7: 7} {
		e.MaxLength = limit
		b, err := e.Encode([]data.Example{{Text: letters(9)}}, 0)
		require.NoError(t, err)
		require.Equal(t, want, b.Tokens)
	}
}

func TestEncodeBad(t *testing.T) {
	tok := wordpiece(t)
	example := []data.Example{{Text: "a"}}
	for _, c := range []struct {
		encoder data.Encoder
		says    string
	}{
		{data.Encoder{}, "bad option: Tokenizer: is missing"},
		{data.Encoder{Tokenizer: tok, MaxLength: -1}, "bad option: MaxLength: -1 is negative"},
		{data.Encoder{Tokenizer: tok, Buckets: []int{0}}, "bad option: Buckets: 0 is not positive"},
		{data.Encoder{Tokenizer: tok, Buckets: []int{8, 8}}, "bad option: Buckets: [8 8] do not ascend"},
		{data.Encoder{Tokenizer: tok, Buckets: []int{8, 16}, MaxLength: 15}, "bad option: Buckets: 16 is beyond the longest input of 15 tokens"},
		{data.Encoder{Tokenizer: tok, MaxLength: 1}, "bad option: MaxLength: 1 leaves no room for text beside the 2 special tokens of an input"},
		{data.Encoder{Tokenizer: tok, MaxLength: 2}, "bad option: MaxLength: 2 leaves no room for text beside the 2 special tokens of an input"},
		{data.Encoder{Tokenizer: tok, MaxLength: 3, Pairs: true}, "bad option: MaxLength: 3 leaves no room for text beside the 3 special tokens of an input"},
		{data.Encoder{Tokenizer: noPad{tok, -1}}, "bad option: Tokenizer: has no token to pad with; its tokenizer_config.json should name a pad_token or an eos_token"},
	} {
		_, err := c.encoder.Encode(example, 0)
		require.EqualError(t, err, c.says)
		require.ErrorIs(t, err, data.ErrOption)
		_, err = data.NewLoader(example, data.Options{Encoder: c.encoder})
		require.EqualError(t, err, c.says)
	}
	_, err := data.Encoder{Tokenizer: tok}.Encode(nil, 3)
	require.ErrorIs(t, err, data.ErrEmpty)
}

// noPad is a tokenizer without a pad token, and adds nothing to a text.
type noPad struct {
	tokenizer.Tokenizer
	eos int32
}

func (n noPad) Special() tokenizer.SpecialTokens {
	return tokenizer.SpecialTokens{Pad: -1, EOS: n.eos}
}

func (n noPad) Encode(text string, o *tokenizer.Options) (*tokenizer.Encoding, error) {
	plain := *o
	plain.NoSpecialTokens = true
	return n.Tokenizer.Encode(text, &plain)
}

func TestEncodeWithoutPadToken(t *testing.T) {
	e := data.Encoder{Tokenizer: noPad{wordpiece(t), 99}, Buckets: []int{3}}
	b, err := e.Encode([]data.Example{{Text: "a"}}, 0)
	require.NoError(t, err)
	ids := b.Tensors["input_ids"].Value().([][]int32)[0]
	require.Equal(t, []int32{99, 99}, ids[1:])
	require.Equal(t, [][]int32{{1, 0, 0}}, b.Tensors["attention_mask"].Value())

	_, err = e.Encode([]data.Example{{Text: "a"}, {Text: " "}}, 0)
	require.ErrorIs(t, err, data.ErrFormat)
	require.EqualError(t, err, "example 1: malformed data: the text gives no tokens")
}
