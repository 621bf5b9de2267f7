// Package generate generates text with a language model and its adapters, as transformers' generate does: by greedy search,
// sampling or beam search, for batches of prompts, token by token.
//
//	backbone, err := models.Load("llama-160m") // a transformers folder with a tokenizer.json
//	adapted := peft.New(backbone)
//	_, err = adapted.LoadAs("style", "style-lora")
//	g, err := generate.New(adapted, generate.Options{MaxNewTokens: 50, Temperature: 0.8, TopP: 0.9})
//	for piece, err := range g.Stream(ctx, peft.Use("style"), "Once upon a time") {
//		if err != nil { ... }
//		fmt.Print(piece)
//	}
//
// [Generator.Text] gives whole texts for several prompts; [Generator.Generate] and [Generator.Tokens] take and give token ids.
// It works with decoder-only models (the task causal-lm: GPT-2, Llama and others) and encoder-decoders (seq2seq-lm: T5, BART
// and others). What [Options] leave out is taken from the folder's generation_config.json, except for sampling: without a
// temperature, generation is greedy.
//
// # Cost
//
// The attention keys and values of the tokens read so far are kept on the device (the KV cache), so each step reads one new
// token per row. Prompts and cache are padded to one of a few lengths, so texts of any length need only a few compiled
// programs. Every selection of adapters works at every step: several at once, one adapter per row, prefixes and learned
// prompts.
//
// # Differences from transformers
//
// Greedy and beam search give the same tokens; sampled tokens differ, because the random numbers do. Four things are errors
// where transformers goes on: a largest length beyond the positions that the model has, an option that has no effect beside
// the others (TopK without a Temperature), beam search with sampling, and settings of generation_config.json that are not
// implemented. Stop texts are looked for in the new text only, not in the prompt.
package generate
