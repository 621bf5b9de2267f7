package tokenizer

import (
	"strings"
	"testing"
	"unicode/utf8"
)

// checkEncoding reports what every encoding of texts must fulfil.
func checkEncoding(t *testing.T, tok Tokenizer, e *Encoding, texts ...string) {
	n := e.Len()
	for _, l := range []int{
		len(e.TypeIDs), len(e.Tokens()), len(e.Offsets), len(e.ByteOffsets), len(e.AttentionMask),
		len(e.SpecialTokensMask), len(e.WordIDs), len(e.SequenceIDs),
	} {
		if l != n {
			t.Fatalf("fields of %d and %d tokens", n, l)
		}
	}
	var last [2][2]int32 // the offsets before, in characters and bytes, of the current text
	sequence := int32(-1)
	for i := range n {
		if id := e.IDs[i]; id < 0 || int(id) >= tok.VocabSize() {
			t.Fatalf("id %d of %d", id, tok.VocabSize())
		}
		s := e.SequenceIDs[i]
		if s < 0 {
			continue
		}
		if s != sequence {
			sequence, last = s, [2][2]int32{}
		}
		for k, at := range [2][2]int32{e.Offsets[i], e.ByteOffsets[i]} {
			if at[0] < last[k][0] || at[1] < last[k][1] || at[1] <= at[0] || int(at[1]) > len(texts[s]) {
				t.Fatalf("offsets %v after %v in %q", at, last[k], texts[s])
			}
			last[k] = at
		}
		if text := texts[s]; utf8.ValidString(text) &&
			utf8.RuneCountInString(text[:e.ByteOffsets[i][0]]) != int(e.Offsets[i][0]) {
			t.Fatalf("byte %d is not character %d of %q", e.ByteOffsets[i][0], e.Offsets[i][0], text)
		}
	}
	for _, o := range e.Overflowing {
		checkEncoding(t, tok, o, texts...)
	}
}

func FuzzEncode(f *testing.F) {
	tok := variant(f, nil)
	for _, s := range []string{"", "Hello, world!", "a\u0301\u0323b [MASK]", "\xff\xe2\x82", "\u65e5\u672c \u0130\U000f0000", "\u0344"} {
		f.Add(s, "x "+s, 5, 1)
	}
	f.Fuzz(func(t *testing.T, text, pair string, length, stride int) {
		single, err := tok.Encode(text, nil)
		if err != nil {
			t.Fatal(err)
		}
		checkEncoding(t, tok, single, text)
		tok.Decode(single.IDs, false)
		if len(text) > 200 || len(pair) > 200 {
			return // what overflows from a pair grows with its square
		}
		o := &Options{Truncation: &Truncation{MaxLength: length, Stride: stride}, Overflow: true}
		o.Padding = &Padding{Strategy: PadLongest, MultipleOf: 4, Direction: Left}
		both, err := tok.EncodePair(text, pair, o)
		if err != nil {
			return
		}
		if length > 3 && both.Len() > (length+3)/4*4 {
			t.Fatalf("%d tokens, at most %d", both.Len(), length)
		}
		checkEncoding(t, tok, both, text, pair)
	})
}

func FuzzFromBytes(f *testing.F) {
	f.Add([]byte(tiny))
	f.Add([]byte(strings.Replace(tiny, `"padding": null`, `"padding": {"strategy": {"Fixed": 9}, "direction": "Left",
		"pad_to_multiple_of": 4, "pad_id": 1, "pad_type_id": 2, "pad_token": "a"}`, 1)))
	f.Add([]byte(strings.Replace(tiny, `"content": "[UNK]"`, `"content": "[UNK]", "more": {"a": [1, "\ud83d\ude00"]}`, 1)))
	f.Fuzz(func(t *testing.T, data []byte) {
		tok, err := FromBytes(data)
		if err != nil {
			return
		}
		for _, text := range []string{"", "Aab\u00e9\" [UNK]  a\xff", "\u65e5a"} {
			if e, err := tok.EncodePair(text, text, &Options{Truncation: &Truncation{MaxLength: 9}, Padding: &Padding{}}); err == nil {
				tok.Decode(e.IDs, true)
			}
		}
	})
}
