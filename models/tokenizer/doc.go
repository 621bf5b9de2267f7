// Package tokenizer turns text into the token ids of a model and back, equal in every field to Hugging Face
// tokenizers, the reference, whose tokenizer.json it reads.
//
//	tok, err := tokenizer.Load("all-MiniLM-L6-v2")
//	batch, err := tok.EncodeBatch(texts, nil, &tokenizer.Options{
//		Truncation: &tokenizer.Truncation{MaxLength: 128},
//		Padding:    &tokenizer.Padding{Strategy: tokenizer.PadLongest},
//	})
//	ids, mask := batch[0].IDs, batch[0].AttentionMask
//
// # The way of a text
//
// Invalid bytes become U+FFFD; added tokens are cut out; the rest is normalised, searched for added tokens
// that are themselves normalised, and split into words; the model splits words into tokens; then come
// truncation, the special tokens of the post-processor, and padding. Every character keeps the range of the
// original text it stands for, from which offsets are read, in characters and in bytes.
//
// # What is there
//
// The model WordPiece (Wu et al. 2016, as in BERT); the normalisers BertNormalizer, Lowercase, NFD and
// Sequence; the pre-tokenizer BertPreTokenizer; the post-processors TemplateProcessing and BertProcessing; the
// decoder WordPiece; added tokens, truncation and padding with all their options; vocab.txt in place of
// tokenizer.json. Another type in a file is an error that names its place and the known types.
//
// # Differences from the reference
//
// Files that contradict themselves are refused where the reference goes on: ids given twice or with gaps, an
// unknown token that is not in the vocabulary, a template with tokens that are not, added tokens that become
// the same when normalised. A maximum length with no room for the special tokens is an error, where the
// reference then truncates nothing. SequenceIDs are -1 for all padding, and set at each place of a sequence that
// a template repeats. What truncation cuts off is kept only on demand (Options.Overflow).
package tokenizer
