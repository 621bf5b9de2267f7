package metric_test

import (
	"errors"
	"fmt"
	"log"

	"github.com/gomlx/gomlx/core/tensors"

	"github.com/gopeft/gopeft/peft/data"
	"github.com/gopeft/gopeft/peft/metric"
)

// Two batches of two rows, of which the last only fills its batch up. Two of the three labels that count are predicted.
func ExampleAccuracy() {
	accuracy := &metric.Accuracy{}
	logits := [][][]float32{{{2, 1}, {0, 3}}, {{5, 1}, {5, 1}}}
	labels := [][]int32{{0, 1}, {1, data.IgnoreIndex}}
	for i, rows := range []int{2, 1} {
		outputs := map[string]*tensors.Tensor{"logits": tensors.FromValue(logits[i])}
		batch := map[string]*tensors.Tensor{"labels": tensors.FromValue(labels[i])}
		if err := accuracy.Add(outputs, batch, rows); err != nil {
			log.Fatal(err)
		}
	}
	value, err := accuracy.Value()
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%s %.3f\n", accuracy.Name(), value)
	// Output: accuracy 0.667
}

// A model that gives each of four tokens the same probability has a perplexity of 4. The second row's tokens are certain, so
// that the mean over both rows is the square root of it.
func ExamplePerplexity() {
	perplexity := &metric.Perplexity{}
	outputs := map[string]*tensors.Tensor{"logits": tensors.FromValue([][][]float32{
		{{0, 0, 0, 0}, {0, 0, 0, 0}, {0, 0, 0, 0}},
		{{0, 99, 0, 0}, {0, 0, 99, 0}, {0, 0, 0, 0}},
	})}
	batch := map[string]*tensors.Tensor{"labels": tensors.FromValue([][]int32{{3, 0, 2}, {3, 1, 2}})}
	for rows := 1; rows <= 2; rows++ {
		perplexity.Reset()
		if err := perplexity.Add(outputs, batch, rows); err != nil {
			log.Fatal(err)
		}
		value, err := perplexity.Value()
		if err != nil {
			log.Fatal(err)
		}
		fmt.Printf("%d rows: %.3f\n", rows, value)
	}
	// Output:
	// 1 rows: 4.000
	// 2 rows: 2.000
}

// Errors of regression count by their square.
func ExampleMeanSquaredError() {
	mse := &metric.MeanSquaredError{}
	outputs := map[string]*tensors.Tensor{"logits": tensors.FromValue([][]float32{{1}, {2}, {5}})}
	batch := map[string]*tensors.Tensor{"labels": tensors.FromValue([]float32{1, 3, 3})}
	if err := mse.Add(outputs, batch, 3); err != nil {
		log.Fatal(err)
	}
	value, err := mse.Value()
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%.3f, better than 2: %t\n", value, mse.Better(value, 2))
	// Output: 1.667, better than 2: true
}

// Without an example there is no value.
func ExampleMetric() {
	for _, m := range []metric.Metric{&metric.Accuracy{}, &metric.NextToken{}, &metric.Perplexity{}, &metric.SpanMatch{}, &metric.MeanSquaredError{}, &metric.TokenErrors{}} {
		_, err := m.Value()
		fmt.Println(m.Name(), errors.Is(err, metric.ErrNoExamples))
	}
	// Output:
	// accuracy true
	// accuracy true
	// perplexity true
	// exact_match true
	// mse true
	// token_error_rate true
}
