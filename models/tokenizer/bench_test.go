package tokenizer

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// prose is English of some 20 KB, or the file that GOPEFT_TOKENIZER_TEXT names.
func prose(b *testing.B) []string {
	text := strings.Repeat("The quick brown fox jumps over the lazy dog. It wasn't quite 3.14 miles, na\u00efve as that sounds; "+
		"however, tokenization of unusual words isn't trivial!\n", 150)
	if path := os.Getenv("GOPEFT_TOKENIZER_TEXT"); path != "" {
		data, err := os.ReadFile(path)
		require.NoError(b, err)
		text = string(data)
	}
	return strings.SplitAfter(text, "\n")
}

func benchmark(b *testing.B, load func(string) (Tokenizer, error)) {
	lines := prose(b)
	size := 0
	for _, l := range lines {
		size += len(l)
	}
	for _, kind := range kinds {
		path := "testdata/" + kind + "/tokenizer.json"
		if dir := os.Getenv("GOPEFT_TOKENIZERS"); dir != "" { // larger ones of the same kinds
			path = dir + "/" + kind + ".json"
		}
		tok, err := load(path)
		require.NoError(b, err)
		encode := func() {
			for _, l := range lines {
				if _, err := tok.Encode(l, nil); err != nil {
					b.Error(err)
				}
			}
		}
		b.Run(kind, func(b *testing.B) {
			b.SetBytes(int64(size))
			b.ReportAllocs()
			for b.Loop() {
				encode()
			}
		})
		b.Run(kind+"/parallel", func(b *testing.B) {
			b.SetBytes(int64(size))
			b.SetParallelism(4)
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					encode()
				}
			})
		})
	}
}

func BenchmarkKinds(b *testing.B) { benchmark(b, FromFile) }

// BenchmarkLongWords encodes words of 1/8, 1/4 and 1/2 MB without a space: time should double.
func BenchmarkLongWords(b *testing.B) {
	for _, kind := range kinds {
		tok, err := FromFile("testdata/" + kind + "/tokenizer.json")
		require.NoError(b, err)
		for _, size := range []int{1 << 17, 1 << 18, 1 << 19} {
			text := strings.Repeat("abrint", size/6)
			b.Run(kind+"/"+strings.Repeat("x", size>>17), func(b *testing.B) {
				b.SetBytes(int64(len(text)))
				for b.Loop() {
					if _, err := tok.Encode(text, nil); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}
