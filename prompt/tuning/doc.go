// Package tuning is prompt tuning: n learned embeddings stand in front of the text's,
//
//	[p₁ … pₙ; x₁ … x_s]
//
// with positions of their own, and are all that trains. They start from a normal distribution, from embeddings of the
// vocabulary or from those of a text, which the paper found best.
//
// Paper: Lester et al. 2021, arXiv:2104.08691.
//
//	adapted, err := peft.Attach(backbone, "mood", &tuning.Config{
//		Virtual: prompt.Virtual{Tokens: 8},
//		Init:    tuning.FromText, Text: "Is this review positive or negative?", Tokenizer: "bert-base-uncased",
//	})
//
// # Caveats
//
// The prompt is part of what comes out. BERT's head pools the first column, which is a learned one then; a language
// model's logits begin with the prompt's, whose labels are ignored; a span's positions count from the prompt's first
// column. A text must be shorter by n. A fresh prompt moves the outputs.
//
// In an encoder-decoder the prompt stands in front of the encoder's text. HF PEFT keeps n more embeddings there, which
// nothing reads and no gradient reaches; files have them, so they are kept here as well.
//
// # Differences from HF PEFT
//
// The tokenizer of a text is read from a local folder; of tokenizer_kwargs there are those that change no id here:
// use_fast, local_files_only and trust_remote_code, which HF PEFT drops as well, and subfolder. Token_dim,
// num_attention_heads, num_layers and num_transformer_submodules that are not the backbone's are an error.
package tuning
