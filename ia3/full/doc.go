// Package full is full fine-tuning in the form of an adapter: it trains all values of the model, or of the parts that are
// named. So it is trained, saved, compared and switched on and off by the same calls as any other method.
//
//	adapted, err := peft.Attach(backbone, "all", &full.Config{})                             // the whole model
//	adapted, err := peft.Attach(backbone, "top", &full.Config{Targets: peft.Match("layer.11", "classifier")})
//
// A fresh adapter holds copies of the model's values, which stays as it is.
//
// # When to use it
//
// As the yardstick that the thrifty methods are held against, or where there are data for it and memory. Give it a low
// learning rate, 1e-5 to 5e-5. On HF PEFT's MetaMathQA benchmark (Llama-3.2-3B) full fine-tuning answers 47.2 % of the test
// questions and takes 36.2 GiB; a LoRA of rank 32 answers 47.8 % and takes 20.8 GiB.
//
// # Memory
//
// Values train in float32, also those that the model holds in half precision: 4 bytes for each, beside the model's own 2 or 4,
// which stay for switching off. While it is trained there are gradients (4) and the optimiser's state, 8 for AdamW. In all
// that is 16 bytes a value beside the model, or 18 GB for a model of 1.1 billion. The file has 4 bytes a value. Merging puts
// the values into the model, in the precision that it has.
//
// # Caveats
//
// An adapter stands in place of the model's values. Two of them can't act one after another, but be averaged (peft.Average);
// in a batch mixed by rows (peft.Rows) each is computed apart. Values that the model has under several paths, as embeddings
// that are the output layer's weight as well, stay one; if any of the paths is excluded, none trains. The running statistics
// of batch norms follow only with peft.TrainStatistics.
//
// # Differences from HF PEFT
//
// HF PEFT has no such method. Files name values by their paths: base_model.model.PATH.
package full
