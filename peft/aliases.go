package peft

import "github.com/gopeft/gopeft/peft/seam"

// What users share with authors of methods and models is defined in package seam, and has its names here.
type (
	// Config is the settings of an adapter, the content of its adapter_config.json. Each method has a type of its
	// own, such as lora.Config; give [Attach] a pointer to one.
	Config = seam.Config
	// Common holds the settings that every method has: TaskType, which says whether the model's head is trained and
	// saved too, ModulesToSave, the names of the classes. Every config embeds it:
	//
	//	&lora.Config{R: 8, Common: peft.Common{TaskType: "SEQ_CLS"}}
	Common = seam.Common
	// Targets says on which modules of a model an adapter acts. [Match], [MatchRegexp] and [AllLinear] make one; the
	// zero value means the method's default for the kind of model.
	Targets = seam.Targets
	// Ints is a setting that is a whole number or a list of them, made by [IntList]. The zero value means that it is
	// not set.
	Ints = seam.Ints
	// Strings is a setting that is a text or a list of them, made by [StringList]. The zero value means that it is
	// not set.
	Strings = seam.Strings
	// Info describes a model: its family, its head, the names of its classes, its sizes. [Backbone.Info] gives it.
	Info = seam.Info

	// Tensor is GoMLX's array of numbers, on the host or on an engine's device. Make one with tensors.FromValue or
	// its neighbours, of package github.com/gomlx/gomlx/core/tensors.
	Tensor = seam.Tensor
	// Tensors are tensors by name: a model's arguments ("input_ids") and outputs ("logits"), under their names in
	// transformers, or weights under their paths.
	Tensors = seam.Tensors
)

// Pattern is a setting that differs from module to module, such as lora.Config's RankPattern: the first [Rule] that
// matches a module's path decides, and the config's ordinary setting where none does. The zero value has no rules.
//
//	RankPattern: peft.Pattern[int]{{Match: `layer\.0\..*`, Value: 16}}
type Pattern[V any] = seam.Pattern[V]

// Rule is one line of a [Pattern]: Match, a regular expression in Python's syntax for a module's path or its end
// after a dot, and the Value of the modules that it matches.
type Rule[V any] = seam.Rule[V]

// Zero is an explicit 0, for a setting whose zero value means another default:
//
//	&lora.Config{Alpha: peft.Zero}
const Zero = seam.Zero

// Match targets the modules of these names, given by the end of their paths: "query" means
// "bert.encoder.layer.0.attention.self.query" and its like in every layer. A name that matches nothing is an error of
// [Attach], which lists near ones.
func Match(names ...string) Targets { return seam.Match(names...) }

// MatchRegexp targets the modules whose whole path matches the regular expression, which is in Python's syntax.
func MatchRegexp(pattern string) Targets { return seam.MatchRegexp(pattern) }

// AllLinear targets every linear map of the model but its output layer.
func AllLinear() Targets { return seam.AllLinear() }

// IntList makes a setting that is a list of whole numbers.
func IntList(v ...int) Ints { return seam.IntList(v...) }

// StringList makes a setting that is a list of texts.
func StringList(v ...string) Strings { return seam.StringList(v...) }

// ParseConfig reads an adapter's settings from the content of an adapter_config.json. The package of the method must
// be imported; peft/all imports every one. Errors match [ErrConfig], [ErrUnknownType] (no imported package has the
// method) or [ErrUnsupported].
func ParseConfig(raw []byte) (Config, error) { return seam.ParseConfig(raw) }
