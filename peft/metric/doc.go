// Package metric measures how good a model's outputs are over a data set, batch by batch: accuracy, perplexity and the like.
//
//	accuracy := &metric.Accuracy{}
//	for batch, err := range loader.Epoch(0, 0) {
//		if err != nil { ... }
//		outputs, err := adapted.Forward(ctx, peft.Use("intents"), batch.Tensors) // "logits" among them
//		if err != nil { ... }
//		if err := accuracy.Add(outputs, batch.Tensors, batch.Rows); err != nil { ... }
//	}
//	value, err := accuracy.Value() // between 0 and 1
//
// train.Trainer does this at each evaluation, with the metric that suits its task.
//
// A [Metric] keeps sums and counts in float64, never the outputs, so a data set may be of any size. Its value is that of all
// examples together, not the mean of the batches' values.
//
// # What counts
//
// Only the rows that are examples count: those that fill a batch up stand behind them (see data.Batch) and are not looked at.
// Labels of -100 (data.IgnoreIndex) are left out, as in losses.
package metric
