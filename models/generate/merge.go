package generate

import "encoding/json"

// set takes a value where there is one.
func set[T any](into *T, v *T) {
	if v != nil {
		*into = *v
	}
}

// or sets a field that has its zero value.
func or[T comparable](into *T, v *T) {
	var zero T
	if *into == zero && v != nil {
		*into = *v
	}
}

// orList is or for a list, of which an empty one is a choice.
func orList(into *[]int32, v ids) {
	if *into == nil {
		*into = v
	}
}

// from takes what is not set from a folder.
func (o Options) from(f fields, raw map[string]json.RawMessage) (Options, error) {
	if err := refuse(raw, neutral); err != nil {
		return o, err
	}
	orList(&o.EOS, f.EOS)
	or(&o.Pad, &f.Pad)
	or(&o.DecoderStart, &f.DecoderStart)
	or(&o.DecoderStart, &f.BOS)
	or(&o.ForcedBOS, &f.ForcedBOS)
	orList(&o.ForcedEOS, f.ForcedEOS)
	orList(&o.Suppress, f.Suppress)
	orList(&o.SuppressFirst, f.SuppressFirst)
	if o.MaxNewTokens == 0 && o.MaxLength == 0 {
		set(&o.MaxNewTokens, f.MaxNew)
		if o.MaxNewTokens == 0 {
			set(&o.MaxLength, f.MaxLength)
		}
	}
	if o.MinNewTokens == 0 && o.MinLength == 0 {
		set(&o.MinNewTokens, f.MinNew)
		set(&o.MinLength, f.MinLength)
	}
	or(&o.RepetitionPenalty, f.Repetition)
	or(&o.NoRepeatNGram, f.NoRepeat)
	if o.sampled() {
		return o, nil
	}
	or(&o.Beams, f.Beams)
	if o.Beams <= 1 {
		return o, nil
	}
	if f.LengthPenalty != nil {
		or(&o.LengthPenalty, new(exactly(*f.LengthPenalty)))
	}
	if o.EarlyStopping == StopWhenUnlikely {
		switch string(f.Early) {
		case "true":
			o.EarlyStopping = StopWhenFull
		case `"never"`:
			o.EarlyStopping = StopWhenImpossible
		case "", "null", "false":
		default:
			return o, optionf("early_stopping", "is %s in the backbone's folder, want true, false or \"never\"", f.Early)
		}
	}
	return o, nil
}
