package predict

import (
	"encoding/json"
	"fmt"

	"github.com/gopeft/gopeft/peft"
)

// poolings are the ways to pool in the order in which sentence-transformers joins them, with their older keys.
var poolings = []struct {
	mode Pooling
	key  string
}{
	{CLSPooling, "pooling_mode_cls_token"},
	{MaxPooling, "pooling_mode_max_tokens"},
	{MeanPooling, "pooling_mode_mean_tokens"},
	{MeanSqrtPooling, "pooling_mode_mean_sqrt_len_tokens"},
	{WeightedMeanPooling, "pooling_mode_weightedmean_tokens"},
	{LastPooling, "pooling_mode_lasttoken"},
}

// readPooling reads the config of a Pooling module: "pooling_mode", a name or a list of names, or the older keys. prompted
// tells that texts get a prompt.
func readPooling(path string, prompted bool) ([]Pooling, error) {
	var raw map[string]json.RawMessage
	ok, err := readJSON(path, &raw)
	if err != nil {
		return nil, err
	}
	if !ok {
		return nil, fmt.Errorf("%w: %s is missing", ErrModel, path)
	}
	if string(raw["include_prompt"]) == "false" && prompted {
		return nil, fmt.Errorf("%s: %w", path, &peft.UnsupportedError{Option: "include_prompt", Value: "false"})
	}
	named, err := poolingMode(path, raw["pooling_mode"])
	if err != nil {
		return nil, err
	}
	var out []Pooling
	for _, p := range poolings {
		if named[p.mode] || len(named) == 0 && string(raw[p.key]) == "true" {
			out = append(out, p.mode)
		}
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("%w: %s names no way to pool", ErrModel, path)
	}
	return out, nil
}

// poolingMode reads a name or a list of names; absent it is empty.
func poolingMode(path string, raw json.RawMessage) (map[Pooling]bool, error) {
	if len(raw) == 0 || string(raw) == "null" {
		return nil, nil
	}
	var one string
	var names []string
	if err := json.Unmarshal(raw, &one); err == nil {
		names = []string{one}
	} else if err := json.Unmarshal(raw, &names); err != nil {
		return nil, fmt.Errorf("%w: %s: pooling_mode: %w", ErrModel, path, err)
	}
	out := map[Pooling]bool{}
	for _, name := range names {
		mode, ok := poolingNames[name]
		if !ok {
			return nil, fmt.Errorf("%s: %w", path, &peft.UnsupportedError{Option: "pooling_mode", Value: name})
		}
		out[mode] = true
	}
	return out, nil
}
