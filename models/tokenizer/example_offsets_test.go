package tokenizer_test

import (
	"fmt"

	"github.com/gopeft/gopeft/models/tokenizer"
)

// Where in the text each token came from: ByteOffsets slice it.
func ExampleTokenizer_offsets() {
	tok, err := tokenizer.FromFile("testdata/wordpiece/tokenizer.json")
	if err != nil {
		fmt.Println(err)
		return
	}
	text := "Naïve caf\u00e9"
	e, err := tok.Encode(text, &tokenizer.Options{NoSpecialTokens: true})
	if err != nil {
		fmt.Println(err)
		return
	}
	for i, at := range e.ByteOffsets {
		fmt.Printf("%s:%s:word %d\n", e.Token(i), text[at[0]:at[1]], e.WordIDs[i])
	}
	// Output:
	// n:N:word 0
	// ##a:a:word 0
	// ##ive:ïve:word 0
	// c:c:word 1
	// ##a:a:word 1
	// ##f:f:word 1
	// ##e:é:word 1
}
