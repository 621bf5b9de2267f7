package generate

import "math"

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
	if p := o.LengthPenalty; math.IsNaN(p) || math.IsInf(p, 0) {
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
	case o.TrimStop && len(o.Stop) == 0:
		return optionf("trim_stop", "does nothing without stop_strings")
	}
	return o.checkTokens(vocab)
}

// checkTokens looks at the ids.
func (o *Options) checkTokens(vocab int) error {
	one := func(id *int32) []int32 {
		if id == nil {
			return nil
		}
		return []int32{*id}
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
