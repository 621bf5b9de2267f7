package generate

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/gopeft/gopeft/peft"
	"github.com/gopeft/gopeft/peft/seam"
)

// folderFile holds a checkpoint's settings for writing text.
const folderFile = "generation_config.json"

// ids is one id or a list of them.
type ids []int32

// UnmarshalJSON reads either form; null leaves it nil.
func (l *ids) UnmarshalJSON(raw []byte) error {
	var one *int32
	if err := json.Unmarshal(raw, &one); err == nil {
		if one != nil {
			*l = ids{*one}
		}
		return nil
	}
	return json.Unmarshal(raw, (*[]int32)(l))
}

// fields are the settings that a folder may have. Pointers tell what is not there.
type fields struct {
	EOS           ids    `json:"eos_token_id"`
	Pad           *int32 `json:"pad_token_id"`
	DecoderStart  *int32 `json:"decoder_start_token_id"`
	BOS           *int32 `json:"bos_token_id"`
	ForcedBOS     *int32 `json:"forced_bos_token_id"`
	ForcedEOS     ids    `json:"forced_eos_token_id"`
	Suppress      ids    `json:"suppress_tokens"`
	SuppressFirst ids    `json:"begin_suppress_tokens"`

	MaxLength     *int            `json:"max_length"`
	MaxNew        *int            `json:"max_new_tokens"`
	MinLength     *int            `json:"min_length"`
	MinNew        *int            `json:"min_new_tokens"`
	Repetition    *float64        `json:"repetition_penalty"`
	NoRepeat      *int            `json:"no_repeat_ngram_size"`
	Beams         *int            `json:"num_beams"`
	LengthPenalty *float64        `json:"length_penalty"`
	Early         json.RawMessage `json:"early_stopping"`
	Sample        *bool           `json:"do_sample"`
	Temperature   *float64        `json:"temperature"`
	TopK          *int            `json:"top_k"`
	TopP          *float64        `json:"top_p"`
	MinP          *float64        `json:"min_p"`
	TypicalP      *float64        `json:"typical_p"`
}

// neutral are settings that change what is written and are not supported, with the values that change nothing.
var neutral = map[string][]string{
	"encoder_repetition_penalty": {"1", "1.0"}, "encoder_no_repeat_ngram_size": {"0"}, "bad_words_ids": nil, "sequence_bias": nil,
	"exponential_decay_length_penalty": nil, "guidance_scale": {"1", "1.0"}, "diversity_penalty": {"0", "0.0"},
	"num_beam_groups": {"1"}, "penalty_alpha": {"0", "0.0"}, "dola_layers": nil, "watermarking_config": nil, "remove_invalid_values": {"false"},
	"constraints": nil, "force_words_ids": nil, "renormalize_logits": {"false"},
}

// samplingOnly are such settings for sampled text.
var samplingOnly = map[string][]string{"epsilon_cutoff": {"0", "0.0"}, "eta_cutoff": {"0", "0.0"}, "top_h": nil}

// readFolder reads a backbone's settings: generation_config.json, or what config.json has of them.
func readFolder(from seam.Origin) (f fields, raw map[string]json.RawMessage, err error) {
	data, name := from.Config, "config.json"
	if from.Dir != "" {
		own, err := os.ReadFile(filepath.Join(from.Dir, folderFile))
		switch {
		case err == nil:
			data, name = own, filepath.Join(from.Dir, folderFile)
		case !errors.Is(err, fs.ErrNotExist):
			return f, nil, err
		}
	}
	if len(data) == 0 {
		return f, nil, nil
	}
	if err = json.Unmarshal(data, &f); err == nil {
		err = json.Unmarshal(data, &raw)
	}
	if err != nil {
		return f, nil, fmt.Errorf("%s: %w", name, err)
	}
	return f, raw, nil
}

// within drops ids beyond the vocabulary, which can't be written: a config may have its family's, for another vocabulary.
func (f *fields) within(vocab int) {
	beyond := func(id int32) bool { return id < 0 || int(id) >= vocab }
	for _, list := range []*ids{&f.EOS, &f.ForcedEOS, &f.Suppress, &f.SuppressFirst} {
		*list = slices.DeleteFunc(*list, beyond)
	}
	for _, one := range []**int32{&f.Pad, &f.DecoderStart, &f.BOS, &f.ForcedBOS} {
		if *one != nil && beyond(**one) {
			*one = nil
		}
	}
}

// refuse names a setting that changes what is written and is not supported.
func refuse(raw map[string]json.RawMessage, known map[string][]string) error {
	for name, fine := range known {
		if v, ok := raw[name]; ok && string(v) != "null" && !slices.Contains(fine, string(v)) {
			return &peft.UnsupportedError{Option: name, Value: string(v)}
		}
	}
	return nil
}

// FolderOptions gives the options that a backbone's folder asks for in its generation_config.json, the settings of
// sampling included: with them, New does what transformers' generate does without arguments. Without such a file they are
// those of config.json, if any. It is an error ([peft.ErrUnsupported]) if the file asks for something that this package
// lacks, and [peft.ErrInput] if b is nil.
func FolderOptions(b *peft.Backbone) (Options, error) {
	if b == nil {
		return Options{}, fmt.Errorf("%w: FolderOptions of a nil backbone", peft.ErrInput)
	}
	f, raw, err := readFolder(b.Origin())
	if err != nil {
		return Options{}, err
	}
	var o Options
	if f.Sample != nil && *f.Sample {
		o.Temperature, o.TopK = 1, 50 // transformers' defaults
		set(&o.Temperature, f.Temperature)
		set(&o.TopK, f.TopK)
		set(&o.TopP, f.TopP)
		set(&o.MinP, f.MinP)
		set(&o.TypicalP, f.TypicalP)
		if err := refuse(raw, samplingOnly); err != nil {
			return o, err
		}
	}
	return o.from(f, raw)
}
