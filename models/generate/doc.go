// Package generate writes text with a backbone and its adapters, as transformers' generate does: greedy, sampled or by
// beam search, in batches, token by token.
//
//	g, err := generate.New(adapted, generate.Options{MaxNewTokens: 50, Temperature: 0.8, TopP: 0.9})
//	for piece, err := range g.Stream(ctx, peft.Use("style"), "Once upon a time") {
//		fmt.Print(piece)
//	}
//
// [Generator.Text] gives whole texts, [Generator.Generate] and [Generator.Tokens] take and give ids. What [Options] leave
// out comes from the backbone's generation_config.json, but sampling: without a temperature text is greedy.
//
// # Cost
//
// Keys and values of what has been read are kept on the device (see peft.Decoding), so a step reads one token a row. The
// room for them is rounded up, and prompts with it, so that texts of any length run a few compiled programs. Any
// selection of adapters works at every step: compositions, one adapter a row, prefixes and learned prompts.
//
// # Differences from transformers
//
// Rows are equal token for token; what is drawn differs, as random numbers do. A bound on the text that goes beyond the
// backbone's positions is an error, where transformers goes on or fails in the middle. So is an option that does
// nothing beside the others, and sampled beams. Stop strings are looked for in the new text only.
package generate
