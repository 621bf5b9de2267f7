package tokenizer_test

import (
	"fmt"

	"github.com/gopeft/gopeft/models/tokenizer"
)

// A batch for a model: texts cut to at most 8 tokens and padded to the longest.
func ExampleTokenizer_batch() {
	tok, err := tokenizer.FromFile("testdata/wordpiece/tokenizer.json")
	if err != nil {
		fmt.Println(err)
		return
	}
	batch, err := tok.EncodeBatch([]string{"Hello, world!", "and"}, nil, &tokenizer.Options{
		Truncation: &tokenizer.Truncation{MaxLength: 8},
		Padding:    &tokenizer.Padding{Strategy: tokenizer.PadLongest},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, e := range batch {
		fmt.Println(e.IDs, e.AttentionMask)
	}
	// Output:
	// [2 50 443 224 16 65 161 3] [1 1 1 1 1 1 1 1]
	// [2 193 3 0 0 0 0 0] [1 1 1 0 0 0 0 0]
}
