package peft

import "github.com/gopeft/gopeft/peft/seam"

// What users and authors of methods and models have in common is defined in package seam.
type (
	// Config is a method's settings, as [lora.Config]: the content of adapter_config.json.
	Config = seam.Config
	// Common holds the settings that every method has, as TaskType. Configs embed it.
	Common = seam.Common
	// Targets says which modules of a backbone an adapter acts on: see [Match], [MatchRegexp] and [AllLinear].
	Targets = seam.Targets
	// Ints is a whole number or a list of them in a config: see [IntList].
	Ints = seam.Ints
	// Strings is a string or a list of them in a config: see [StringList].
	Strings = seam.Strings
	// Info describes a backbone: its family, its head, its sizes, its classes.
	Info = seam.Info

	// Tensor is an array of numbers on the host or on a device.
	Tensor = seam.Tensor
	// Tensors are named tensors: forward's arguments and outputs under their names in transformers, or weights under
	// their path.
	Tensors = seam.Tensors
)

// Pattern gives modules a setting of their own by where they stand, as HF PEFT's rank_pattern: the first rule that matches
// decides.
type Pattern[V any] = seam.Pattern[V]

// Rule is one line of a [Pattern].
type Rule[V any] = seam.Rule[V]

// Zero is an explicit 0 for a number of a config or of options whose zero value means another default:
//
//	&lora.Config{Alpha: peft.Zero}
const Zero = seam.Zero

// Match targets the modules whose path is one of the names or ends in "."+name.
func Match(names ...string) Targets { return seam.Match(names...) }

// MatchRegexp targets the modules whose whole path matches the pattern, in Python's syntax.
func MatchRegexp(pattern string) Targets { return seam.MatchRegexp(pattern) }

// AllLinear targets every linear map but the output layer.
func AllLinear() Targets { return seam.AllLinear() }

// IntList makes Ints of a list.
func IntList(v ...int) Ints { return seam.IntList(v...) }

// StringList makes Strings of a list.
func StringList(v ...string) Strings { return seam.StringList(v...) }

// ParseConfig reads the content of an adapter_config.json. Its peft_type must be one of an imported method's: import the
// method's package, or peft/all for every method. Errors match [ErrConfig], [ErrUnknownType] or [ErrUnsupported].
func ParseConfig(raw []byte) (Config, error) { return seam.ParseConfig(raw) }
