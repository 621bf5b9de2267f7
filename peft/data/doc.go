// Package data turns labelled texts into the batches of a run.
//
//	examples, err := data.ReadJSONL("train.jsonl", data.Fields{})
//	if err != nil { ... }
//	classes, err := data.Labels(examples)
//	if err != nil { ... }
//	loader, err := data.NewLoader(examples, data.Options{
//		Encoder:   data.Encoder{Tokenizer: tok, MaxLength: 128},
//		BatchSize: 16, Task: data.Classification, Classes: classes,
//		Shuffle: true, Seed: 1,
//	})
//	if err != nil { ... }
//	for epoch := range 3 {
//		for batch, err := range loader.Epoch(epoch, 0) {
//			if err != nil { ... }
//			... // batch.Tensors are forward's arguments
//		}
//	}
//
// # Few shapes
//
// A program is compiled for each shape of a batch. So rows are padded to one of a few lengths ([Encoder].Buckets), and
// the last batch of an epoch is filled up with rows that the loss ignores.
//
// # Labels that are texts
//
// For an encoder-decoder ([Writing]) a label is what to write for the text, for a decoder ([Continuing]) what to write
// behind it; a decoder also learns from texts alone.
//
// # Any place in a run
//
// The order of an epoch follows from the seed and the epoch's number ([Order]), and [Source.Epoch] begins at any
// batch: a run that was stopped goes on with the batches it would have seen.
//
// # Bad data
//
// An error names the file, the line and the field, as in
//
//	train.jsonl:12: field "label": unusable label: unknown class "refnd"; the classes are "cancel", "refund"
//
// and matches [ErrFormat], [ErrLabel], [ErrEmpty] or [ErrOption].
//
// # Differences from Hugging Face datasets
//
// Nothing is guessed or mended: a field of another type, a key that is there twice, invalid UTF-8 or half a surrogate
// pair is an error. The text is read from the file's line to the tokenizer unchanged.
package data
