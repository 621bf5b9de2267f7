package preprocess

import (
	"fmt"
	"math"

	"github.com/gomlx/gomlx/core/tensors"
)

// FeatureExtractor turns sounds into input_values, as transformers' Wav2Vec2FeatureExtractor does. It is immutable and safe
// for concurrent use. Make one with LoadAudio or ParseAudio.
type FeatureExtractor struct {
	rate       int
	padding    float32
	mask       bool
	normalises bool
}

// LoadAudio reads the feature extractor of a transformers folder: "feature_extractor" in its processor_config.json, else
// its preprocessor_config.json. Errors match ErrConfig.
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

// ParseAudio reads a feature extractor's config, as preprocessor_config.json has it: that of Wav2Vec2, which HuBERT and
// others share. What it leaves out is as in transformers; what is not supported is an error that names the field and
// matches ErrConfig.
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

// Rate is the one that sounds are brought to, in Hz.
func (e *FeatureExtractor) Rate() int { return e.rate }

// smallestVariance keeps silence from being divided by 0.
const smallestVariance = 1e-7

// Process gives "input_values" [sounds, samples], float32, of one sound or several: averaged over channels, at the
// extractor's rate, padded to the longest and, if the config says so, brought to mean 0 and variance 1. Where the config
// asks for a mask there is "attention_mask" [sounds, samples], int32, and padding does not count for mean and variance;
// where it does not, padding counts, as in transformers. Errors match ErrAudio and say which sound it was.
func (e *FeatureExtractor) Process(sounds ...Sound) (map[string]*tensors.Tensor, error) {
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
