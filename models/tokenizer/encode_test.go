package tokenizer

import (
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

func base(t testing.TB) Tokenizer {
	t.Helper()
	tok, err := FromFile("testdata/wordpiece/tokenizer.json")
	require.NoError(t, err)
	return tok
}

func TestCannotTruncate(t *testing.T) {
	tok := base(t)
	for _, c := range []struct {
		limit Truncation
		want  string
	}{
		{Truncation{MaxLength: 2}, "to 2 tokens: 3 are special ones"},
		{Truncation{MaxLength: -1}, "to -1 tokens"},
		{Truncation{MaxLength: 9, Stride: -1}, "stride -1 is negative"},
		{Truncation{MaxLength: 7, Stride: 2}, "stride 2 must be less"},
		{Truncation{MaxLength: 5, Strategy: OnlyFirst}, "text 1: it has 9 tokens, and 16 must go"},
		{Truncation{MaxLength: 5, Strategy: 7}, "unknown strategy 7"},
	} {
		_, err := tok.EncodePair("Hello, world!", "Hello, world!", &Options{Truncation: &c.limit})
		require.ErrorIs(t, err, ErrTruncation)
		require.ErrorContains(t, err, c.want)
	}
	_, err := tok.EncodeBatch([]string{"", "Hello, world!"}, nil, &Options{Truncation: &Truncation{MaxLength: 4, Strategy: OnlySecond}})
	require.ErrorContains(t, err, "text 1 of the batch: cannot truncate only the second text")
}

func TestCannotPad(t *testing.T) {
	none, err := FromBytes([]byte(tiny))
	require.NoError(t, err)
	_, err = none.Encode("a", &Options{Padding: &Padding{Strategy: PadLongest}})
	require.ErrorIs(t, err, ErrPadding)
	require.EqualValues(t, -1, none.Special().Pad)
	_, err = none.Encode("a", &Options{Padding: &Padding{Strategy: PadFixed, Length: -1, Token: "a"}})
	require.ErrorIs(t, err, ErrPadding)
	_, err = base(t).Encode("a", &Options{Padding: &Padding{Strategy: 9}})
	require.ErrorIs(t, err, ErrPadding)
	_, err = none.EncodeBatch([]string{"a"}, []string{}, nil)
	require.ErrorIs(t, err, ErrBatch)
}

// TestOverride: a call's options stand in for the file's limits, which nil leaves alone.
func TestOverride(t *testing.T) {
	limits := `"truncation": {"max_length": 4, "stride": 0, "strategy": "LongestFirst", "direction": "Right"},`
	tok, err := FromBytes([]byte(strings.Replace(tiny, `"truncation": null,`, limits, 1)))
	require.NoError(t, err)
	got, err := tok.Encode("a a a a a", nil)
	require.NoError(t, err)
	require.Equal(t, []int32{1, 1, 1, 1}, got.IDs)
	require.Empty(t, got.Overflowing)
	got, err = tok.Encode("a a a a a", &Options{Truncation: &Truncation{}, NoSpecialTokens: true})
	require.NoError(t, err)
	require.Equal(t, 5, got.Len())
}

func TestBatchPadsTogether(t *testing.T) {
	tok := base(t)
	batch, err := tok.EncodeBatch([]string{"Hello, world!", ""}, nil,
		&Options{Padding: &Padding{Strategy: PadLongest, MultipleOf: 8, Direction: Left}})
	require.NoError(t, err)
	for _, e := range batch {
		require.Equal(t, 16, e.Len()) // 11 tokens, by the golden
		require.Len(t, e.ByteOffsets, 16)
	}
	require.EqualValues(t, tok.Special().Pad, batch[1].IDs[0])
	require.Equal(t, "[SEP]", batch[1].Token(15))

	empty, err := tok.EncodeBatch(nil, nil, nil)
	require.NoError(t, err)
	require.Empty(t, empty)
}

// TestInvalidBytes: offsets in bytes are those of the text given, not of its repaired form.
func TestInvalidBytes(t *testing.T) {
	got, err := base(t).Encode("a\xe2\x82b \xff\u00e9", &Options{NoSpecialTokens: true})
	require.NoError(t, err)
	require.Equal(t, []string{"ab", "e"}, got.Tokens())
	require.Equal(t, [][2]int32{{0, 3}, {5, 6}}, got.Offsets)
	require.Equal(t, [][2]int32{{0, 4}, {6, 8}}, got.ByteOffsets)
}

// TestConcurrent shares one tokenizer of each kind between goroutines.
func TestConcurrent(t *testing.T) {
	for _, kind := range kinds {
		tok, err := FromFile("testdata/" + kind + "/tokenizer.json")
		require.NoError(t, err)
		want, err := tok.EncodePair("Hello, world!", "na\u00efve [MASK]", nil)
		require.NoError(t, err)
		var wait sync.WaitGroup
		for range 8 {
			wait.Go(func() {
				for range 50 {
					got, err := tok.EncodePair("Hello, world!", "na\u00efve [MASK]", nil)
					if err != nil || sameEncoding(want, got, true) != nil {
						t.Error(kind, "differs", err)
					}
					tok.Decode(got.IDs, true)
				}
			})
		}
		wait.Wait()
	}
}

func BenchmarkEncode(b *testing.B) {
	tok := base(b)
	text := strings.Repeat("Hello, world! The quick brown fox jumps over na\u00efve dogs. ", 20)
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := tok.Encode(text, nil); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkLongWord encodes 1 MB without a space.
func BenchmarkLongWord(b *testing.B) {
	tok := base(b)
	text := strings.Repeat("ab\u0301", 1<<18)
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		if _, err := tok.Encode(text, nil); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkLoad(b *testing.B) {
	for b.Loop() {
		if _, err := FromFile("testdata/wordpiece/tokenizer.json"); err != nil {
			b.Fatal(err)
		}
	}
}
