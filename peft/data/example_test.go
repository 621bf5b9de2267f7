package data_test

import (
	"errors"
	"fmt"
	"log"

	"github.com/gopeft/gopeft/models/tokenizer"
	"github.com/gopeft/gopeft/peft/data"
)

// From a file of JSON lines to the batches of two epochs.
func Example() {
	examples, err := data.ReadJSONL("testdata/few.jsonl", data.Fields{})
	if err != nil {
		log.Fatal(err)
	}
	classes, err := data.Classes(examples)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(classes)

	tok, err := tokenizer.FromFile("testdata/tokenizer.json")
	if err != nil {
		log.Fatal(err)
	}
	loader, err := data.NewLoader(examples, data.Options{
		Encoder:   data.Encoder{Tokenizer: tok, MaxLength: 64},
		BatchSize: 2, Target: data.Classification, Classes: classes,
		Shuffle: true, Seed: 1,
	})
	if err != nil {
		log.Fatal(err)
	}
	for epoch := range 2 {
		for batch, err := range loader.Epoch(epoch, 0) {
			if err != nil {
				log.Fatal(err)
			}
			fmt.Println(epoch, batch.Rows, batch.Tensors["input_ids"].Shape(), batch.Tensors["labels"])
		}
	}
	// Output:
	// [cancel delivery refund]
	// 0 2 (Int32)[2, 16] [2]int32{2, 1}
	// 0 1 (Int32)[2, 32] [2]int32{0, -100}
	// 1 2 (Int32)[2, 32] [2]int32{0, 1}
	// 1 1 (Int32)[2, 16] [2]int32{2, -100}
}

// A file may also be a JSON array, and its keys may have other names. Errors name the place.
func ExampleReadJSONL() {
	examples, err := data.ReadJSONL("testdata/few.json", data.Fields{Text: "title", Label: "-"})
	if err != nil {
		log.Fatal(err)
	}
	for _, ex := range examples {
		fmt.Printf("%s: %q\n", ex.Pos, ex.Text)
	}
	_, err = data.ReadJSONL("testdata/few.json", data.Fields{Text: "title", Label: "queue"})
	fmt.Println(err)
	// Output:
	// testdata/few.json: element 0: "Where is my parcel?"
	// testdata/few.json: element 1: "Please end my membership."
	// testdata/few.json: element 2: "I'd like my money back."
	// testdata/few.json: element 2: field "queue": malformed data: is a list, want a string or a number: several labels for one example are not supported
}

// Names of classes, and numbers of them, in the order in which a model is to have them.
func ExampleClasses() {
	examples := []data.Example{
		{Text: "Where is my parcel?", Label: data.WordLabel("delivery")},
		{Text: "Please end my membership.", Label: data.WordLabel("cancel")},
		{Text: "Is it still on its way?", Label: data.WordLabel("delivery")},
	}
	fmt.Println(data.Classes(examples))
	examples[2].Label = data.IntegerLabel(1)
	_, err := data.Classes(examples)
	fmt.Println(err, errors.Is(err, data.ErrLabel))
	// Output:
	// [cancel delivery] <nil>
	// example 2: field "label": unusable label: "1" is an integer, but that of example 0 is a string true
}

// What a decoder learns of a text alone, and of one with an answer behind it: labels are moved by the model.
func ExampleLoader_continuing() {
	tok, err := tokenizer.FromFile("testdata/tokenizer.json")
	if err != nil {
		log.Fatal(err)
	}
	examples := []data.Example{{Text: "where is it"}, {Text: "where is it", Label: data.WordLabel("here")}}
	loader, err := data.NewLoader(examples, data.Options{
		Encoder: data.Encoder{Tokenizer: tok, Buckets: []int{10}}, BatchSize: 2, Target: data.Continuing,
	})
	if err != nil {
		log.Fatal(err)
	}
	for batch, err := range loader.Epoch(0, 0) {
		if err != nil {
			log.Fatal(err)
		}
		for i, ids := range batch.Tensors["input_ids"].Value().([][]int32) {
			fmt.Println(ids)
			fmt.Println(batch.Tensors["labels"].Value().([][]int32)[i])
		}
	}
	// Output:
	// [2 240 668 170 365 3 0 0 0 0]
	// [2 240 668 170 365 3 -100 -100 -100 -100]
	// [2 240 668 170 365 50 668 0 0 0]
	// [-100 -100 -100 -100 -100 50 668 -100 -100 -100]
}

// A label of a file that the model has no class for, with its place.
func ExampleIndex() {
	examples, err := data.ReadJSONL("testdata/few.jsonl", data.Fields{})
	if err != nil {
		log.Fatal(err)
	}
	index, err := data.NewIndex([]string{"cancel", "delivery"})
	if err != nil {
		log.Fatal(err)
	}
	for _, ex := range examples {
		if _, err := index.Find(ex.Label); err != nil {
			fmt.Printf("%s: %v\n", ex.Pos, err)
		}
	}
	// Output:
	// testdata/few.jsonl:3: unusable label: unknown class "refund"; the classes are "cancel", "delivery"
}
