package generate_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/gopeft/gopeft/models"
	"github.com/gopeft/gopeft/models/generate"
	"github.com/gopeft/gopeft/peft"
)

// talkerConfig is that of a tiny model for some vocabulary.
func talkerConfig(vocab int) []byte {
	return fmt.Appendf(nil, `{"model_type": "llama", "architectures": ["LlamaForCausalLM"], "hidden_size": 16, "num_hidden_layers": 2,
		"num_attention_heads": 4, "num_key_value_heads": 2, "intermediate_size": 32, "vocab_size": %d, "max_position_embeddings": 128}`, vocab)
}

// Rows of a batch may differ in length. The model has random weights, so its text means nothing.
func ExampleGenerator_Generate() {
	ctx := context.Background()
	backbone, err := models.Random(talkerConfig(50), models.Backend("go"))
	if err != nil {
		fmt.Println(err)
		return
	}
	g, err := generate.New(peft.New(backbone), generate.Options{MaxNewTokens: 5, NoRepeatNGram: 2, Pad: new(int32(0))})
	if err != nil {
		fmt.Println(err)
		return
	}
	out, err := g.Generate(ctx, peft.Base(), generate.Batch{IDs: [][]int32{{7, 8, 9}, {11}}})
	if err != nil {
		fmt.Println(err)
		return
	}
	for i, row := range out.Sequences {
		fmt.Println(row, "of which new:", out.New()[i])
	}
	// Output:
	// [7 8 9 12 7 5 45 23] of which new: [12 7 5 45 23]
	// [0 0 11 18 43 21 13 34] of which new: [18 43 21 13 34]
}

// Tokens come one by one, and the loop may be left at any time.
func ExampleGenerator_Tokens() {
	ctx := context.Background()
	backbone, err := models.Random(talkerConfig(50), models.Backend("go"))
	if err != nil {
		fmt.Println(err)
		return
	}
	g, err := generate.New(peft.New(backbone), generate.Options{MaxNewTokens: 100, Temperature: 0.8, TopP: 0.9, Seed: 1})
	if err != nil {
		fmt.Println(err)
		return
	}
	n := 0
	for tokens, err := range g.Tokens(ctx, peft.Base(), generate.Batch{IDs: [][]int32{{7, 8, 9}}}) {
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Print(tokens[0], " ")
		if n++; n == 4 {
			break
		}
	}
	// Output:
	// 0 32 3 34
}

// saveTalker makes a checkpoint folder of a tiny model with random weights and a tokenizer.
func saveTalker(dir string) error {
	raw, err := os.ReadFile("../tokenizer/testdata/bytelevel/tokenizer.json")
	if err != nil {
		return err
	}
	backbone, err := models.Random(talkerConfig(701), models.Backend("go"), models.HeadSeed(18))
	if err != nil {
		return err
	}
	if err := backbone.Save(dir); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, "tokenizer.json"), raw, 0o644)
}

// Text is printed as it is generated, up to the stop text "erup". Its first letter, the last of the piece " use", is held back
// until it is clear that another one follows. The model has random weights, so its text means nothing.
func ExampleGenerator_Stream() {
	parent, err := os.MkdirTemp("", "talker")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(parent)
	dir := filepath.Join(parent, "model")
	if err := saveTalker(dir); err != nil {
		fmt.Println(err)
		return
	}
	backbone, err := models.Load(dir, models.Backend("go"))
	if err != nil {
		fmt.Println(err)
		return
	}
	g, err := generate.New(peft.New(backbone), generate.Options{MaxNewTokens: 8, NoRepeatNGram: 1, Stop: []string{"erup"}, TrimStop: true})
	if err != nil {
		fmt.Println(err)
		return
	}
	for piece, err := range g.Stream(context.Background(), peft.Base(), "Once upon") {
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Printf("%q ", piece)
	}
	// Output:
	// " v" "ust" " us" "e"
}
