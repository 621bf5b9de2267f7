package seam

import (
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"

	"github.com/gopeft/gopeft/internal/hf"
)

// FormatVersion is the release of HF PEFT whose file format is written (peft_version).
const FormatVersion = "0.21.2"

// Spec is what Register is told of a method.
type Spec struct {
	// New makes a config with every field unset. Its PEFTType is the method's name.
	New func() Config
	// Fixed is for keys that HF PEFT writes for this method and that are not implemented here. It maps each to the only
	// JSON value that is accepted, and that is written. Any other is an UnsupportedError that names the key.
	Fixed map[string]string
	// DefaultTargets gives target_modules where a config leaves it null, by the backbone's Info.ModelType. A family that
	// it does not name has no default: the config must name its targets.
	DefaultTargets map[string]Targets
	// SavesNoModules says that the method's config has no modules_to_save, and that a task type saves no head with it, as it is with
	// HF PEFT's trainable tokens.
	SavesNoModules bool
}

// specs is filled by init functions only, so it is constant once main runs.
var specs = map[string]Spec{}

// Register makes a method known by its peft_type, so that its files open and its adapters attach. Call it in an init function
// only. Registering a type twice is a bug, and panics.
func Register(spec Spec) {
	t := spec.New().PEFTType()
	if _, ok := specs[t]; ok {
		panic("peft: " + t + " registered twice")
	}
	specs[t] = spec
}

// Types yields the peft_type of each registered method, sorted, with a config in which every field is unset.
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
// package, or peft/all for every method. Errors match ErrConfig, ErrUnknownType or ErrUnsupported.
func ParseConfig(raw []byte) (Config, error) {
	var head struct {
		Type *string `json:"peft_type"`
	}
	if err := json.Unmarshal(raw, &head); err != nil {
		if wrong := (*json.UnmarshalTypeError)(nil); errors.As(err, &wrong) && wrong.Field != "" {
			return nil, Fieldf(wrong.Field, "must be a string, is a %s", wrong.Value)
		}
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

// MarshalConfig writes a config as HF PEFT writes adapter_config.json: all keys, sorted, unset ones with their defaults, and
// unknown ones as they were read.
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
