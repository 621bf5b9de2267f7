// Package sample holds a small pretrained backbone and a data set, so that a first run needs no file and no network.
//
//	err := sample.Export("sample")
//	backbone, err := models.Load("sample", models.Head("sequence-classification"))
//	examples, err := data.ReadJSONL(filepath.Join("sample", sample.TrainFile), data.Fields{})
//
// # Backbone
//
// An uncased BERT of 4 layers, 128 wide, with 4 heads, 64 positions and a WordPiece vocabulary of 4000 tokens, in
// bfloat16. The project pretrained it itself, from random weights, on text that internal/cmd/pretrain writes from
// rules of its own; nothing in it is from outside. It knows the words of a help desk and little else: it is for
// trying things out.
//
// # Data
//
// What people write to the help desk of a shop, in 8 intents: 60 sentences of each to train on, 20 to evaluate on,
// written by hand. The two sets say the same things in other words, and the evaluation sentences are not in the text
// that the backbone was pretrained on; tests hold both.
package sample
