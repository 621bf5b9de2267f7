package metric_test

import (
	"fmt"
	"log"

	"github.com/gomlx/gomlx/core/tensors"

	"github.com/gopeft/gopeft/peft/data"
	"github.com/gopeft/gopeft/peft/metric"
)

// Two batches of two rows, of which the last only fills its batch up.
func Example() {
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
