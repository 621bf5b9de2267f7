// Package tuning is prompt tuning: n learned embeddings stand in front of the text's, with positions of their own, and are
// all that trains.
//
//	[p₁ … pₙ; x₁ … x_s]
//
// They start from a normal distribution, from embeddings of random tokens, or from those of a text, which the paper found
// best:
//
//	adapted, err := peft.Attach(backbone, "mood", &tuning.Config{
//		Virtual: prompt.Virtual{Tokens: 8},
//		Init:    tuning.FromText, Text: "Is this review positive or negative?", Tokenizer: "bert-base-uncased",
//	})
//
// Paper: Lester et al. 2021, arXiv:2104.08691.
//
// # When to use it
//
// Where an adapter must be as small as can be: 8 tokens of a model of width 768 are 6,144 numbers. The paper finds it on a
// par with training all weights for models of ten billion parameters, and well behind for small ones, for which LoRA is the
// better choice. It wants a high learning rate.
//
// # Caveats
//
// The prompt is part of what comes out. BERT's head reads the first column, which is a learned one then; a language
// model's logits begin with the prompt's, for which labels are ignored; the positions of a span count from the prompt's
// first column. A text must be shorter by n. A fresh prompt changes the outputs.
//
// In an encoder-decoder the prompt stands in front of the encoder's text. HF PEFT keeps n more embeddings there, which
// nothing reads and no gradient reaches; files have them, so they are kept here as well.
//
// # Differences from HF PEFT
//
// The tokenizer of a text is read from a local folder. Of tokenizer_kwargs these are known: subfolder, and use_fast,
// local_files_only and trust_remote_code, which change no id; any other is an error. Token_dim, num_attention_heads,
// num_layers and num_transformer_submodules that are not the model's are an error.
package tuning
