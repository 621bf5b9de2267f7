package seam

import (
	"encoding/json"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"

	"github.com/gopeft/gopeft/internal/hf"
)

// FormatVersion is the HF PEFT release whose file layout is written.
const FormatVersion = "0.21.2"

// Spec registers a method.
type Spec struct {
	// New makes an empty config.
	New func() Config
	// Fixed lists keys that HF PEFT writes for this type and that are not implemented: each must be absent or hold
	// this JSON value, and is written so. Anything else is an UnsupportedError that names the key.
	Fixed map[string]string
	// DefaultTargets gives target_modules by model_type where the config leaves it null.
	DefaultTargets map[string]Targets
}

// specs is filled by init functions only, so it is constant once main runs.
var specs = map[string]Spec{}

// Register makes a method known by its peft_type. Call it from init; registering a type twice is a bug and panics.
func Register(spec Spec) {
	t := spec.New().PEFTType()
	if _, ok := specs[t]; ok {
		panic("peft: " + t + " registered twice")
	}
	specs[t] = spec
}

// Types yields the registered methods by peft_type, sorted, each with an empty config.
func Types() iter.Seq2[string, Config] {
	return func(yield func(string, Config) bool) {
		for _, t := range slices.Sorted(maps.Keys(specs)) {
			if !yield(t, specs[t].New()) {
				return
			}
		}
	}
}

// ParseConfig reads the content of an adapter_config.json. Its peft_type must be registered: import the method's
// package, or peft/all for every method.
func ParseConfig(raw []byte) (Config, error) {
	var head struct {
		Type *string `json:"peft_type"`
	}
	if err := json.Unmarshal(raw, &head); err != nil {
		return nil, fmt.Errorf("%w: %v", ErrConfig, err)
	}
	if head.Type == nil {
		return nil, Fieldf("peft_type", "is missing")
	}
	spec, ok := specs[*head.Type]
	if !ok {
		known := slices.Sorted(maps.Keys(specs))
		return nil, fmt.Errorf("%w %q (imported: %s)", ErrUnknownType, *head.Type, strings.Join(known, ", "))
	}
	cfg := spec.New()
	if err := decodeConfig(raw, cfg, spec.Fixed); err != nil {
		return nil, err
	}
	return cfg, checkTaskType(cfg.Shared().TaskType)
}

// MarshalConfig writes a config as HF PEFT writes adapter_config.json: all keys, sorted, the unset ones at their
// defaults, unknown ones as they were read.
func MarshalConfig(cfg Config) ([]byte, error) {
	return encodeConfig(cfg, specs[cfg.PEFTType()].Fixed)
}

// checkTaskType refuses a task_type that HF PEFT doesn't know.
func checkTaskType(t string) error {
	if known := hf.TaskTypes(); t != "" && !slices.Contains(known, t) {
		return Fieldf("task_type", "%q is none of %s", t, strings.Join(known, ", "))
	}
	return nil
}
