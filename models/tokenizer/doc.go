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
// All component types of tokenizer.json. Models: WordPiece (Wu et al. 2016, as in BERT), BPE (Sennrich et al. 2016;
// byte-level as in GPT-2, byte fallback as in Llama 2, dropout), Unigram (Kudo 2018), WordLevel. Where there is no
// tokenizer.json, Load reads vocab.json with merges.txt, a SentencePiece model, or vocab.txt. Train learns
// vocabularies. The folder chat has chat templates.
//
// Regular expressions are Oniguruma's, with its Unicode 16: those of GPT-2, Llama 3 and Qwen 2 run as scanners by
// hand, others translated in github.com/dlclark/regexp2.
//
// # Two engines
//
// Load, FromFile and FromBytes give the engine in Go. LoadRust and RustFromFile give one that lets the Rust library cut
// texts and decode, through github.com/daulet/tokenizers, in cgo builds with the tag daulet; it is for those who want
// the reference itself at work. The program internal/tokdiff holds one to the other on random texts.
//
// # Differences from the reference
//
// Its Strip decoder panics on tokens it strips twice over; here they become empty. Two post-processors that both add
// tokens, and byte fallback together with a prefix or suffix of tokens, are refused. Files that contradict themselves are refused where the reference goes on: ids given twice or with gaps, an
// unknown token that is not in the vocabulary, a template with tokens that are not, added tokens that become
// the same when normalised. A maximum length with no room for the special tokens is an error, where the
// reference then truncates nothing. SequenceIDs are -1 for all padding, and set at each place of a sequence that
// a template repeats. What truncation cuts off is kept only on demand (Options.Overflow).
package tokenizer
