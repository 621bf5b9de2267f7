package tokenizer_test

import (
	"fmt"
	"slices"

	"github.com/gopeft/gopeft/models/tokenizer"
)

// Learn a byte-level BPE from texts. What Train returns is a tokenizer.json.
func ExampleTrain() {
	template := `{
		"pre_tokenizer": {"type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true, "use_regex": true},
		"decoder": {"type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true, "use_regex": true},
		"model": {"type": "BPE"}}`
	texts := slices.Values([]string{"low lower lowest", "new newer newest", "low and new"})
	data, err := tokenizer.Train([]byte(template), texts, &tokenizer.TrainOptions{
		VocabSize:       270,
		SpecialTokens:   []string{"<|end|>"},
		InitialAlphabet: tokenizer.ByteAlphabet(),
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	tok, err := tokenizer.FromBytes(data)
	if err != nil {
		fmt.Println(err)
		return
	}
	e, err := tok.Encode("newer lows<|end|>", nil)
	fmt.Println(e.Tokens(), err)
	fmt.Println(tok.Decode(e.IDs, true))
	// Output:
	// [new er Ġlow s <|end|>] <nil>
	// newer lows
}
