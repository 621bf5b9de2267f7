package generate

import (
	"slices"

	"github.com/gopeft/gopeft/peft"
)

// Options say how text is generated. The zero value takes its settings from generation_config.json in the backbone's
// folder, except for sampling: without a Temperature, generation is greedy, whatever the folder says ([FolderOptions] has
// its sampling settings). Fields are named after the arguments of transformers' generate. Where 0 is a meaningful value
// that differs from the default, the field says how to ask for it.
type Options struct {
	// MaxNewTokens is the largest number of tokens to generate for each prompt; 0 means that MaxLength bounds it.
	MaxNewTokens int
	// MaxLength is the largest length of prompt and new tokens together, used where MaxNewTokens is 0. If both are 0, the
	// folder's bound holds, and 20 new tokens without one.
	MaxLength int
	// MinNewTokens forbids the end-of-sequence tokens until that many new tokens are there; MinLength does so until the
	// prompt and the new tokens together have that length. If both are 0, the folder's hold, else none.
	MinNewTokens, MinLength int

	// Temperature divides the logits before a token is sampled: below 1 sharpens the distribution, above 1 flattens it.
	// 0 means no sampling: the most likely token is taken (greedy search) or beam search decides.
	Temperature float64
	// TopK samples from the K most likely tokens only; 0 means from all.
	TopK int
	// TopP samples from the smallest set of most likely tokens whose probabilities add up to TopP or more (nucleus sampling,
	// Holtzman et al. 2020, arXiv:1904.09751). MinP drops tokens that are less likely than MinP times the most likely one
	// (Nguyen et al. 2024, arXiv:2407.01082). TypicalP samples from the tokens whose information content is nearest to the
	// entropy, until their probabilities add up to TypicalP (Meister et al. 2023, arXiv:2202.00666). Each is in 0..1, and 0
	// switches it off; so does 1 for TopP and TypicalP.
	TopP, MinP, TypicalP float64
	// Seed is the seed of sampling. Equal seeds, options and prompts give equal tokens. Each row of a batch has its own
	// random numbers, so a row does not depend on those beside it.
	Seed uint64

	// RepetitionPenalty makes tokens that occurred before, in the prompt or the new text, less likely: it divides their
	// logit if that is positive and multiplies it if it is negative (Keskar et al. 2019, arXiv:1909.05858). 1 changes
	// nothing; 0 means the folder's, else 1.
	RepetitionPenalty float64
	// NoRepeatNGram forbids every sequence of that many tokens to occur twice; 0 means the folder's, else no such rule.
	NoRepeatNGram int

	// Beams is the number of beams of beam search; 1 means no beam search, 0 the folder's number, else 1.
	Beams int
	// LengthPenalty is the exponent of the length by which beam search divides a beam's log-probability: above 0 favours
	// longer texts, below 0 shorter ones. 0 means the folder's, else 1; an explicit 0, no penalty, is written [peft.Zero].
	LengthPenalty float64
	// EarlyStopping says when beam search ends; the zero value takes the folder's setting, else [StopWhenUnlikely].
	EarlyStopping EarlyStopping

	// EOS are the end-of-sequence tokens: a row ends with the first of them that it generates. Nil means the folder's, an
	// empty list that there are none.
	EOS []int32
	// Stop are stop texts: a row ends once its new text contains one of them, which may span several tokens. The token that
	// completes it is kept, so it may be followed by a few characters more; TrimStop cuts them off. They need a tokenizer
	// in the backbone's folder.
	Stop []string
	// TrimStop leaves the stop text, and what follows it, out of the texts of [Generator.Text], [Generator.Stream],
	// [Generator.Decode] and [Pieces]. Token ids keep it: those of [Result] and [Generator.Tokens] are as generated.
	TrimStop bool
	// Pad is the padding token, for prompts that are shorter than the longest of a batch and behind rows that ended. Nil
	// means the folder's, else the first of EOS. A literal is written new(int32(0)).
	Pad *int32
	// DecoderStart is the first token of the decoder's input in an encoder-decoder, where nothing is generated yet. Nil
	// means the folder's.
	DecoderStart *int32
	// ForcedBOS is a token that an encoder-decoder generates first, such as the target language of a translation. Nil means
	// the folder's, else none.
	ForcedBOS *int32
	// ForcedEOS are the tokens of which one is forced as the last of a row that reaches the largest length. Nil means the
	// folder's, an empty list none.
	ForcedEOS []int32
	// Suppress are tokens that are never generated, SuppressFirst tokens that are not generated as the first new one. Nil
	// means the folder's, an empty list none.
	Suppress, SuppressFirst []int32
}

// EarlyStopping says when beam search ends, once as many texts are finished as there are beams.
type EarlyStopping int

// The conditions under which beam search ends.
const (
	// StopWhenUnlikely ends when the best unfinished beam, scored at its present length, is no better than the worst
	// finished text. That is a heuristic: a longer text might still have scored better. It is false in transformers.
	StopWhenUnlikely EarlyStopping = iota
	// StopWhenFull ends as soon as there are as many finished texts as beams. It is true in transformers.
	StopWhenFull
	// StopWhenImpossible ends when no unfinished beam can beat the worst finished text any more, however long it grows.
	// It is "never" in transformers.
	StopWhenImpossible
)

// defaultNewTokens is transformers' bound where nothing bounds a text.
const defaultNewTokens = 20

// sampled reports whether tokens are drawn.
func (o *Options) sampled() bool { return o.Temperature > 0 }

// exactly gives a number that was read, such that it is taken as it is.
func exactly(x float64) float64 {
	if x == 0 {
		return peft.Zero
	}
	return x
}

// lengthPenalty gives the penalty with its default.
func (o *Options) lengthPenalty() float64 {
	switch o.LengthPenalty {
	case 0:
		return 1
	case peft.Zero:
		return 0
	}
	return o.LengthPenalty
}

// clone copies all that the options point to, so that later changes of the caller's don't reach a generator.
func (o Options) clone() Options {
	for _, list := range []*[]int32{&o.EOS, &o.ForcedEOS, &o.Suppress, &o.SuppressFirst} {
		*list = slices.Clone(*list)
	}
	o.Stop = slices.Clone(o.Stop)
	for _, id := range []**int32{&o.Pad, &o.DecoderStart, &o.ForcedBOS} {
		if *id != nil {
			*id = new(**id)
		}
	}
	return o
}
