package predict_test

import (
	"context"
	"fmt"

	"github.com/gopeft/gopeft/models/predict"
	"github.com/gopeft/gopeft/peft"
)

// The words of a text with their labels.
func ExamplePredictor_Words() {
	_, p, err := tiny(bert("BertForTokenClassification", `, "id2label": {"0": "noun", "1": "other"}`), predict.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	words, err := p.Words(context.Background(), peft.Base(), []string{"the number, given"})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, w := range words[0] {
		fmt.Printf("%d-%d %s: %s %.2f\n", w.Start, w.End, w.Text, w.Class, w.Probability)
	}
	// Output:
	// 0-3 the: noun 0.53
	// 4-10 number: noun 0.51
	// 10-11 ,: noun 0.53
	// 12-17 given: noun 0.53
}

// What is named in a text, of words labelled B-… and I-….
func ExamplePredictor_Entities() {
	_, p, err := tiny(bert("BertForTokenClassification", `, "id2label": {"0": "I-TYPE", "1": "O"}`), predict.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	entities, err := p.Entities(context.Background(), peft.Base(), []string{"the number is given as a string"})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, e := range entities[0] {
		fmt.Printf("%q is a %s, %.2f\n", e.Text, e.Kind, e.Probability)
	}
	// Output:
	// "the number is given as a string" is a TYPE, 0.53
}

// The part of a text that answers a question.
func ExamplePredictor_Answers() {
	_, p, err := tiny(bert("BertForQuestionAnswering", ""), predict.Options{MaxAnswer: 3})
	if err != nil {
		fmt.Println(err)
		return
	}
	text := "the default is a string of bytes"
	answers, err := p.Answers(context.Background(), peft.Base(), []predict.Question{{Question: "what is the default?", Context: text}})
	if err != nil {
		fmt.Println(err)
		return
	}
	a := answers[0]
	fmt.Printf("%q, %v, %.3f\n", a.Text, a.Text == text[a.From:a.To], a.Probability)
	// Output:
	// "string of bytes", true, 0.019
}

// Vectors of texts: the mean of the tokens' states, brought to length 1.
func ExamplePredictor_Embeddings() {
	_, p, err := tiny(bert("BertModel", ""), predict.Options{Pooling: predict.MeanPooling, Normalize: new(true)})
	if err != nil {
		fmt.Println(err)
		return
	}
	vectors, err := p.Embeddings(context.Background(), peft.Base(), []string{"a number", "an integer", "a number"})
	if err != nil {
		fmt.Println(err)
		return
	}
	cosine := func(i, j int) (sum float64) {
		for k, x := range vectors[i] {
			sum += float64(x) * float64(vectors[j][k])
		}
		return sum
	}
	fmt.Printf("%d values; %.2f %.2f\n", len(vectors[0]), cosine(0, 1), cosine(0, 2))
	// Output:
	// 16 values; 0.96 1.00
}

// What may stand for a mask token.
func ExamplePredictor_Blanks() {
	_, p, err := tiny(bert("BertForMaskedLM", ""), predict.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	blanks, err := p.Blanks(context.Background(), peft.Base(), []string{"the default is a [MASK]"}, 2)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, c := range blanks[0][0] {
		fmt.Printf("%s %.4f\n", c.Token, c.Probability)
	}
	// Output:
	// ##в 0.0018
	// * 0.0018
}
