// Package predict goes from texts, images and sounds to answers, with a backbone and its adapters, in batches:
//
//	p, err := predict.New(adapted, predict.Options{})
//	answers, err := p.Classes(ctx, peft.Use("intents"), predict.Texts{"where is my parcel?", "it broke"})
//	fmt.Println(answers[0].Class, answers[0].Probability)
//
// Tokenizer, image processor or feature extractor come from the backbone's folder, or are given in Options.
//
// # What to ask
//
// A backbone's head says what it answers (see models.Head); a method for another head is a HeadError.
//
//	head                       method
//	sequence-classification    Classes, MultiLabel (several classes at once) and Numbers (regression) of Texts or Pairs
//	image-classification       the same three of Images or ImageFiles
//	audio-classification       Classes of Sounds or SoundFiles
//	token-classification       Words with their labels, Entities that are made of them
//	question-answering         Answers, the part of a context that answers a question
//	masked-lm                  Blanks, what may stand for a mask token
//	ctc                        Transcripts of Sounds or SoundFiles
//	none, encoder              Embeddings
//	text-embedding             Embeddings as the backbone gives them (CLIP)
//
// To write text there is package generate.
//
// # Batches
//
// Texts are sorted by length, cut into batches and padded to a few lengths, as in training, so that few programs are
// compiled; answers come in the order given, and do not depend on what stood beside a text. A selection by rows names one
// adapter for each input, peft.Rows("intents", "", "mood"), and follows them through the sorting. What an adapter's prompt
// puts in front of a text is no word and no part of an embedding. A context is looked at between batches: a call that
// was cancelled gives its error, wrapped.
//
// # Differences from transformers
//
// Texts that are too long are cut, or read in pieces that overlap (Words, Entities, Answers); transformers' pipelines
// differ from each other here. White space at the ends of a Span is left out. The same answer found in two pieces of a
// context counts once, with its best probability.
package predict
