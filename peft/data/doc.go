// Package data reads labelled texts and turns them into the batches that a model trains on: it reads JSON files, numbers the
// classes, tokenizes, pads and shuffles.
//
// train.Trainer does all but the reading by itself; use a [Loader] for a training loop of your own:
//
//	examples, err := data.ReadJSONL("train.jsonl", data.Fields{}) // {"text": "Where is my parcel?", "label": "delivery"}
//	if err != nil { ... }
//	classes, err := data.Classes(examples)
//	if err != nil { ... }
//	tok, err := tokenizer.Load("minilm")
//	if err != nil { ... }
//	loader, err := data.NewLoader(examples, data.Options{
//		Encoder:   data.Encoder{Tokenizer: tok, MaxLength: 128},
//		BatchSize: 16, Target: data.Classification, Classes: classes,
//		Shuffle: true, Seed: 1,
//	})
//	if err != nil { ... }
//	for epoch := range 3 {
//		for batch, err := range loader.Epoch(epoch, 0) {
//			if err != nil { ... }
//			... // batch.Tensors are the arguments of the forward pass: "input_ids", "attention_mask", "labels"
//		}
//	}
//
// # Tasks
//
// A label is the name or number of a class ([Classification]), a number ([Regression]), or a text to be generated, by an
// encoder-decoder ([Writing]) or a decoder ([Continuing]).
//
// # Shapes
//
// A model is compiled anew for each shape of its inputs. So that there are few, rows are padded to one of a few lengths
// ([Encoder].Buckets), and the last batch of an epoch is filled up with rows whose labels losses ignore.
//
// # Resuming
//
// The order of the examples in an epoch follows from the seed and the epoch's number, and [Source.Epoch] can start at any
// batch. So an interrupted run continues with the batches that it would have seen.
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
// Nothing is guessed or repaired: a field of another type, a key that occurs twice, invalid UTF-8 and half a surrogate pair
// are errors. Texts reach the tokenizer as they stand in the file.
package data
