// Package metric measures how well a model does, batch by batch.
//
//	accuracy := &metric.Accuracy{}
//	for batch, err := range loader.Epoch(0, 0) {
//		if err != nil { ... }
//		outputs := ... // forward's results for batch.Tensors, "logits" among them
//		if err := accuracy.Add(outputs, batch.Tensors, batch.Rows); err != nil { ... }
//	}
//	value, err := accuracy.Value()
//
// A [Metric] keeps counts and sums in float64, never the outputs, so that a set of any size may be measured. The value
// is that of all examples together, not a mean over batches.
//
// # What counts
//
// Only real rows do: those that fill a batch up (see data.Batch) come after them and are not looked at. A label of
// [IgnoreIndex] is left out, as in the losses.
package metric
