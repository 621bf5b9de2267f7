package peft

import (
	"fmt"
	"sync"
	"weak"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/shapes"

	"github.com/gopeft/gopeft/internal/engine"
	"github.com/gopeft/gopeft/peft/seam"
)

// Engine is what computes: pure Go, or XLA on a CPU or a GPU. All models of a process share one by default;
// [OpenEngine] opens another, for a model that is to have its own. An Engine may be used by many goroutines and
// models at once. Tensors from one model work in all others on the same engine. The zero value is not usable.
type Engine struct {
	inner *engine.Engine

	mu        sync.Mutex
	backbones []weak.Pointer[Backbone] // that are open on it, see join
}

// OpenEngine opens an engine by name: "go", which is always there; "xla:cpu" or "xla:cuda", where such a PJRT plugin
// is installed; or a plugin's path. Options of the engine may follow a comma, as "xla:cuda,tf32=true" for matrix
// products of lower precision. An empty name means the environment variable GOMLX_BACKEND or, where that is empty
// too, "go". The caller closes the engine after the last model on it. Errors match [ErrEngine]; nothing is
// downloaded.
func OpenEngine(name string) (*Engine, error) {
	e, err := engine.Open(name)
	if err != nil {
		return nil, &also{err, ErrEngine}
	}
	return &Engine{inner: e}, nil
}

// shared has the Engine for each shared engine inside. Like engine.Shared it is a cache.
var shared sync.Map // *engine.Engine → *Engine

// SharedEngine gives the engine that all models of this process share which name it alike; names are those of
// [OpenEngine]. It is opened when it is first asked for and stays open as long as the process: its Close does
// nothing. Errors match [ErrEngine].
func SharedEngine(name string) (*Engine, error) {
	e, err := engine.Shared(name)
	if err != nil {
		return nil, &also{err, ErrEngine}
	}
	one, _ := shared.LoadOrStore(e, &Engine{inner: e})
	return one.(*Engine), nil
}

// Name is the engine's name without options: "go", "xla:cpu", "xla:/path/to/plugin.so".
func (e *Engine) Name() string {
	if e.check() != nil {
		return ""
	}
	return e.inner.Name()
}

// Close frees the engine. Models and tensors on it can't be used afterwards. A second Close, and that of a shared
// engine, does nothing.
func (e *Engine) Close() {
	if e.check() == nil {
		e.inner.Close()
	}
}

// SpeedHint tells in a sentence how to get a faster engine, for a program to show its user. It is empty where there
// is nothing to say.
func (e *Engine) SpeedHint() string {
	if e.Name() != "go" || e.inner.SIMD() {
		return ""
	}
	return "this build has no SIMD kernels: build with GOEXPERIMENT=simd to be several times faster, or use xla:cpu"
}

// Backend gives what GoMLX's own packages take, for graphs of yours beside the model's.
func (e *Engine) Backend() compute.Backend {
	if e.check() != nil {
		return nil
	}
	return e.inner.Backend()
}

// Empty makes a tensor of zeros to be filled in. Where the host can write to the engine's memory it lies there from
// the start.
func (e *Engine) Empty(shape shapes.Shape) (*Tensor, error) {
	if err := e.check(); err != nil {
		return nil, err
	}
	return e.inner.Empty(shape)
}

// Place moves a tensor to the engine's memory and frees its copy on the host, so that a large model is not in memory
// twice. Reading the tensor later copies it back.
func (e *Engine) Place(t *Tensor) error {
	if err := e.check(); err != nil {
		return err
	}
	if t == nil {
		return seam.Inputf("tensor", "is nil")
	}
	return e.inner.Place(t)
}

// check refuses an engine that was never opened.
func (e *Engine) check() error {
	if e == nil || e.inner == nil {
		return fmt.Errorf("%w: there is no engine: open one with OpenEngine", ErrInput)
	}
	return nil
}
