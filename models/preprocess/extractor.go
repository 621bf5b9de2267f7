package preprocess

import (
	"fmt"
	"math"

	"github.com/gomlx/gomlx/core/tensors"
)

// FeatureExtractor turns recordings into the input of speech models, "input_values", as transformers' Wav2Vec2FeatureExtractor
// does: it resamples, averages channels, normalises and pads. Make one with [LoadAudio] or [ParseAudio]; the zero value gives
// errors. It never changes, so several goroutines may use it at once.
type FeatureExtractor struct {
	rate       int
	padding    float32
	mask       bool
	normalises bool
}

// LoadAudio reads the feature extractor of a model from its transformers folder: the part "feature_extractor" of
// processor_config.json or, without it, preprocessor_config.json. Errors match [ErrConfig].
func LoadAudio(dir string) (*FeatureExtractor, error) {
	raw, _, err := find(dir, "feature_extractor")
	if err != nil {
		return nil, err
	}
	e, err := ParseAudio(raw)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", dir, err)
	}
	return e, nil
}

// ParseAudio makes a feature extractor from the content of a preprocessor_config.json. The kind Wav2Vec2FeatureExtractor is
// supported, which wav2vec 2.0, HuBERT and others use. Fields that are left out have transformers' defaults. A field that is
// unknown, or asks for what is not supported, is an error that names it and matches [ErrConfig].
func ParseAudio(config []byte) (*FeatureExtractor, error) {
	f, err := parseFields(config)
	if err != nil {
		return nil, err
	}
	class := f.typeName()
	if class != "Wav2Vec2FeatureExtractor" && (class != "" || get(f, "sampling_rate", 0) == 0) {
		f.failf("feature_extractor_type", "%q is not supported (known: Wav2Vec2FeatureExtractor)", class)
	}
	e := &FeatureExtractor{
		rate: get(f, "sampling_rate", 16000), padding: get(f, "padding_value", float32(0)),
		mask: get(f, "return_attention_mask", false), normalises: get(f, "do_normalize", true),
	}
	if e.rate < 1 || e.rate > highestRate {
		f.failf("sampling_rate", "must be in 1..%d, is %d", highestRate, e.rate)
	}
	only(f, "feature_size", 1)
	only(f, "padding_side", "right")
	f.skip("processor_class", "return_tensors")
	if err := f.done(); err != nil {
		return nil, err
	}
	return e, nil
}

// Rate gives the sampling rate that recordings are resampled to, in Hz.
func (e *FeatureExtractor) Rate() int { return e.rate }

// smallestVariance keeps silence from being divided by 0.
const smallestVariance = 1e-7

// Process turns one or more recordings into arguments of a forward pass: "input_values", float32 of shape [sounds, samples],
// and, if the config asks for it (return_attention_mask), "attention_mask", int32 of the same shape, which is 0 at padding.
//
// Channels are averaged, the rate is changed to [FeatureExtractor.Rate], and shorter recordings are padded at the end. If the
// config asks for it (do_normalize), each row gets mean 0 and variance 1; as in transformers, padding is part of that only if
// there is no mask. An error matches [ErrAudio] and tells the index of the recording, counted from 0.
func (e *FeatureExtractor) Process(sounds ...Sound) (map[string]*tensors.Tensor, error) {
	if e == nil || e.rate == 0 {
		return nil, audiof("a FeatureExtractor that LoadAudio or ParseAudio did not make")
	}
	if len(sounds) == 0 {
		return nil, audiof("there are no sounds")
	}
	all := make([][]float32, len(sounds))
	longest := 0
	for i, s := range sounds {
		x, err := s.Mono()
		if err == nil {
			all[i], err = Resample(x, s.Rate, e.rate)
		}
		if err != nil {
			return nil, fmt.Errorf("sound %d: %w", i, err)
		}
		longest = max(longest, len(all[i]))
	}
	values, mask := make([]float32, len(all)*longest), make([]int32, len(all)*longest)
	for i, x := range all {
		row := values[i*longest : (i+1)*longest]
		copy(row, x)
		fill(row[len(x):], e.padding)
		fill(mask[i*longest:][:len(x)], 1)
		if !e.normalises {
			continue
		}
		if e.mask {
			row = row[:len(x)]
		}
		normalise(row)
	}
	out := map[string]*tensors.Tensor{"input_values": tensors.FromFlatDataAndDimensions(values, len(all), longest)}
	if e.mask {
		out["attention_mask"] = tensors.FromFlatDataAndDimensions(mask, len(all), longest)
	}
	return out, nil
}

func fill[T any](s []T, v T) {
	for i := range s {
		s[i] = v
	}
}

// normalise brings x to mean 0 and variance 1.
func normalise(x []float32) {
	n, mean, variance := float64(len(x)), 0.0, 0.0
	for _, v := range x {
		mean += float64(v) / n
	}
	for _, v := range x {
		variance += (float64(v) - mean) * (float64(v) - mean) / n
	}
	scale := 1 / math.Sqrt(variance+smallestVariance)
	for i, v := range x {
		x[i] = float32((float64(v) - mean) * scale)
	}
}
