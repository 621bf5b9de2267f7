package tokenizer_test

import (
	"fmt"

	"github.com/gopeft/gopeft/models/tokenizer"
)

func ExampleFromFile() {
	tok, err := tokenizer.FromFile("testdata/wordpiece/tokenizer.json")
	if err != nil {
		fmt.Println(err)
		return
	}
	e, err := tok.Encode("Hello, world!", nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(e.IDs)
	fmt.Println(e.Tokens())
	fmt.Println(tok.Decode(e.IDs, true))
	// Output:
	// [2 50 443 224 16 65 161 105 102 5 3]
	// [[CLS] h ##el ##lo , w ##or ##l ##d ! [SEP]]
	// hello, world!
}
