package models

import (
	"github.com/gomlx/compute/dtypes"

	"github.com/gopeft/gopeft/peft"
)

// LoadOption changes how Load opens a folder. Of two that say the same thing the last counts.
type LoadOption func(*options)

type options struct {
	on    bool // On was given
	given *peft.Engine
	// revision of a model in the hub's cache
	revision  string
	backend   string
	dtypeName string
	dtype     dtypes.DType // what dtypeName says
	seed      uint64
	task      string
	hasTask   bool
	labels    []string
	hasLabels bool
}

// On runs the backbone on an engine of the caller's own, which peft.OpenEngine gave. Who opened it closes it, after the
// backbone's last use. Without On backbones share an engine that nobody has to close, see Backend; both together are
// ErrOption, and so is nil.
func On(e *peft.Engine) LoadOption { return func(o *options) { o.given, o.on = e, true } }

// Backend says by name which engine runs the backbone: "go", "xla:cpu", "xla:cuda" or what else peft.OpenEngine takes. ""
// is the default: what the environment variable GOMLX_BACKEND says, else "go".
//
// All backbones of a process that ask for the same name share one engine, so that tensors of one work on the other. It is
// opened when it is first asked for and kept for the life of the process: Close does nothing to it.
func Backend(name string) LoadOption { return func(o *options) { o.backend = name } }

// DType says how the frozen values are held in memory: "float32" (the default); "bfloat16" or "float16", at half of it; or
// "auto", each as the file has it. Either way the arithmetic is float32.
func DType(name string) LoadOption { return func(o *options) { o.dtypeName = name } }

// HeadSeed sets the seed of the values that are drawn because the checkpoint lacks them. The same seed gives the same values.
func HeadSeed(seed uint64) LoadOption { return func(o *options) { o.seed = seed } }

// Revision says which branch, tag or commit of a model in the hub's cache is meant; "main" by default. A folder that is
// named by its path has none: ErrFolder.
func Revision(name string) LoadOption { return func(o *options) { o.revision = name } }

// Head asks for another head than the config's: "sequence-classification", "token-classification",
// "question-answering", "masked-lm", "causal-lm", "seq2seq-lm", "image-classification", "audio-classification", "ctc",
// "encoder" for the one of an encoder-decoder alone, or "" for the bare model. One that the family does not have is
// ErrFamily, with a list of those that it has.
//
// Of a checkpoint that was made for other classes than the head asked for, as for those of tokens, the last layer is not
// taken over but drawn anew, though it may have the same name and shape.
func Head(name string) LoadOption { return func(o *options) { o.task, o.hasTask = name, true } }

// Classes names the classes that the head tells apart; one name makes a head for regression. It needs a head with
// classes, the checkpoint's own or that of Head. Names must be given and differ, else ErrOption.
//
// A checkpoint's head of so many classes is kept where its names are these, or where one side has no names but LABEL_0,
// LABEL_1 and so on, which say no more than the place. Where it has other names, or another number, its last layer is
// drawn anew. Where it has these names in another order, so that its rows would be under wrong names, it is ErrOption: give
// the names in the checkpoint's order, which Info().Classes tells.
func Classes(names ...string) LoadOption {
	return func(o *options) { o.labels, o.hasLabels = names, true }
}
