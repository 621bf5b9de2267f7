package models

import (
	"fmt"

	"github.com/gomlx/compute/dtypes"

	"github.com/gopeft/gopeft/peft"
)

// Option changes how Load opens a folder.
type Option func(*options)

type options struct {
	engine *peft.Engine
	// revision of a model in the hub's cache
	revision string
	backend  string
	dtype    string
	seed     uint64
	task     string
	hasTask  bool
	labels   []string
}

// On runs the backbone on an engine that is open already, which backbones may share.
func On(e *peft.Engine) Option { return func(o *options) { o.engine = e } }

// Backend opens an engine by name; see peft.OpenEngine. Without On and Backend the name is empty.
func Backend(name string) Option { return func(o *options) { o.backend = name } }

// DType says how the frozen values are held: "float32" (the default); "bfloat16" or "float16", at half the memory; or
// "auto", each as the file has it. Either way the arithmetic is float32.
func DType(name string) Option { return func(o *options) { o.dtype = name } }

// Seed sets the seed of a head that the checkpoint lacks.
func Seed(seed uint64) Option { return func(o *options) { o.seed = seed } }

// Revision says which branch, tag or commit of a model in the hub's cache is meant; "main" by default.
func Revision(name string) Option { return func(o *options) { o.revision = name } }

// Task asks for another head than the config's: "sequence-classification", "token-classification",
// "question-answering", "masked-lm", "causal-lm", "seq2seq-lm", "image-classification", "audio-classification", "ctc",
// "encoder" for the one of an encoder-decoder alone, or "" for the bare model.
func Task(name string) Option { return func(o *options) { o.task, o.hasTask = name, true } }

// Labels gives the head these classes. A head of another width in the checkpoint is then left out and drawn anew.
func Labels(names ...string) Option { return func(o *options) { o.labels = names } }

func gather(opts []Option) (options, dtypes.DType, error) {
	var o options
	for _, f := range opts {
		f(&o)
	}
	dtype, err := parseDType(o.dtype)
	return o, dtype, err
}

// onEngine makes a backbone on the engine that was given or, where none was, on one that it opens.
func (o *options) onEngine(load func(e *peft.Engine) (*peft.Backbone, error)) (*peft.Backbone, error) {
	if o.engine != nil {
		return load(o.engine)
	}
	e, err := peft.OpenEngine(o.backend)
	if err != nil {
		return nil, err
	}
	b, err := load(e)
	if err != nil {
		e.Close()
	}
	return b, err
}

// asStored is the dtype "auto": each value is held as the file has it.
const asStored = dtypes.InvalidDType

func parseDType(name string) (dtypes.DType, error) {
	switch name {
	case "", "float32":
		return dtypes.Float32, nil
	case "bfloat16":
		return dtypes.BFloat16, nil
	case "float16":
		return dtypes.Float16, nil
	case "auto":
		return asStored, nil
	}
	return asStored, fmt.Errorf("%w: dtype %q (known: auto, bfloat16, float16, float32)", ErrFamily, name)
}
