package generate

import (
	"math"

	"github.com/gopeft/gopeft/peft/seam"
)

// Options say how text is written. Their zero value takes what the backbone's folder says in generation_config.json, but
// for sampling: text is greedy unless Temperature asks otherwise. Fields are named after transformers' arguments.
type Options struct {
	// MaxNewTokens bounds what is written; 0 means MaxLength.
	MaxNewTokens int
	// MaxLength bounds it together with the prompt; 0 means the folder's bound, else 20 new tokens.
	MaxLength int
	// MinNewTokens and MinLength (with the prompt) are written before an end token may be.
	MinNewTokens, MinLength int

	// Temperature divides the scores of a sampled token; 0 takes the best one.
	Temperature float64
	// TopK keeps so many of the best tokens to sample from; 0 keeps all.
	TopK int
	// TopP keeps the best tokens that have this probability together (Holtzman et al. 2020, arXiv:1904.09751), MinP those
	// with this share of the best one's (Nguyen et al. 2024, arXiv:2407.01082), TypicalP those nearest to the expected
	// surprise that have this probability together (Meister et al. 2023, arXiv:2202.00666). 0 and 1 keep all; so does 0
	// for MinP, where 1 keeps the best.
	TopP, MinP, TypicalP float64
	// Seed of the random numbers. Each row has its own.
	Seed uint64

	// RepetitionPenalty divides the positive scores of tokens that have occurred, prompt included, and multiplies negative
	// ones (Keskar et al. 2019, arXiv:1909.05858); 0 means 1, none.
	RepetitionPenalty float64
	// NoRepeatNGram lets no sequence of so many tokens occur twice; 0 lets all.
	NoRepeatNGram int

	// Beams is the width of beam search; 0 means the folder's, else 1: none.
	Beams int
	// LengthPenalty is the power of the length that divides a beam's score: more favours longer text. 0 means 1;
	// peft.Zero is an explicit 0.
	LengthPenalty float64
	// EarlyStopping says when beam search ends.
	EarlyStopping EarlyStopping

	// EOS are the tokens that end a row, nil those of the folder; an empty list is none.
	EOS []int32
	// Stop are texts that end a row, with the token that completes one. They need the folder's tokenizer.
	Stop []string
	// Pad fills up rows; unset it is the folder's, else the first of EOS.
	Pad seam.Opt[int32]
	// DecoderStart begins the target of an encoder-decoder; unset it is the folder's.
	DecoderStart seam.Opt[int32]
	// ForcedBOS is the first new token where the prompt has one (an encoder-decoder's target), ForcedEOS are those that a
	// row of full length ends with one of. Unset and nil are the folder's.
	ForcedBOS seam.Opt[int32]
	ForcedEOS []int32
	// Suppress are never written, SuppressFirst not as the first new token. nil is the folder's.
	Suppress, SuppressFirst []int32
}

// EarlyStopping says when beam search ends.
type EarlyStopping int

// The ways to end beam search: when no better row is likely, as many as there are beams being finished; as soon as
// so many are finished; when no better row is possible. transformers has false, true and "never" for them.
const (
	StopWhenUnlikely EarlyStopping = iota
	StopWhenFull
	StopWhenImpossible
)

// defaultNewTokens is transformers' bound where nothing bounds a text.
const defaultNewTokens = 20

// sampled reports whether tokens are drawn.
func (o *Options) sampled() bool { return o.Temperature > 0 }

// lengthPenalty gives the penalty with its default.
func (o *Options) lengthPenalty() float64 {
	if p := float64(o.LengthPenalty); p != 0 || math.Signbit(p) {
		return p
	}
	return 1
}

// check looks at the values by themselves and beside each other, for a vocabulary of some size.
func (o *Options) check(vocab int) error {
	for _, f := range []struct {
		name  string
		value int
	}{
		{"max_new_tokens", o.MaxNewTokens}, {"max_length", o.MaxLength}, {"min_new_tokens", o.MinNewTokens}, {"min_length", o.MinLength},
		{"top_k", o.TopK}, {"no_repeat_ngram_size", o.NoRepeatNGram}, {"num_beams", o.Beams},
	} {
		if f.value < 0 {
			return optionf(f.name, "must not be negative, is %d", f.value)
		}
	}
	for _, f := range []struct {
		name       string
		value, max float64
	}{
		{"temperature", o.Temperature, math.MaxFloat64}, {"top_p", o.TopP, 1}, {"min_p", o.MinP, 1}, {"typical_p", o.TypicalP, 1},
		{"repetition_penalty", o.RepetitionPenalty, math.MaxFloat64},
	} {
		if !(f.value >= 0 && f.value <= f.max) {
			if f.max == 1 {
				return optionf(f.name, "must be in 0..1, is %v", f.value)
			}
			return optionf(f.name, "must be a number that is not negative, is %v", f.value)
		}
	}
	if p := float64(o.LengthPenalty); math.IsNaN(p) || math.IsInf(p, 0) {
		return optionf("length_penalty", "must be finite, is %v", p)
	}
	switch {
	case o.TopK > 0 && !o.sampled():
		return optionf("top_k", "does nothing without a temperature")
	case o.TopP > 0 && o.TopP < 1 && !o.sampled():
		return optionf("top_p", "does nothing without a temperature")
	case o.MinP > 0 && !o.sampled():
		return optionf("min_p", "does nothing without a temperature")
	case o.TypicalP > 0 && o.TypicalP < 1 && !o.sampled():
		return optionf("typical_p", "does nothing without a temperature")
	case o.Beams > 1 && o.sampled():
		return optionf("num_beams", "of %d with a temperature (sampled beams) is not supported", o.Beams)
	case o.Beams <= 1 && o.lengthPenalty() != 1:
		return optionf("length_penalty", "does nothing without num_beams")
	case o.Beams <= 1 && o.EarlyStopping != StopWhenUnlikely:
		return optionf("early_stopping", "does nothing without num_beams")
	case o.EarlyStopping < StopWhenUnlikely || o.EarlyStopping > StopWhenImpossible:
		return optionf("early_stopping", "has no value %d", int(o.EarlyStopping))
	case o.Beams > vocab:
		return optionf("num_beams", "%d is more than the vocabulary of %d", o.Beams, vocab)
	}
	return o.checkTokens(vocab)
}

// checkTokens looks at the ids.
func (o *Options) checkTokens(vocab int) error {
	one := func(v seam.Opt[int32]) []int32 {
		if id, ok := v.Get(); ok {
			return []int32{id}
		}
		return nil
	}
	for _, f := range []struct {
		name string
		ids  []int32
	}{
		{"eos_token_id", o.EOS}, {"pad_token_id", one(o.Pad)}, {"decoder_start_token_id", one(o.DecoderStart)},
		{"forced_bos_token_id", one(o.ForcedBOS)}, {"forced_eos_token_id", o.ForcedEOS},
		{"suppress_tokens", o.Suppress}, {"begin_suppress_tokens", o.SuppressFirst},
	} {
		for _, id := range f.ids {
			if id < 0 || int(id) >= vocab {
				return optionf(f.name, "%d is outside the vocabulary of %d", id, vocab)
			}
		}
	}
	for _, text := range o.Stop {
		if text == "" {
			return optionf("stop_strings", "must not be empty")
		}
	}
	return nil
}
