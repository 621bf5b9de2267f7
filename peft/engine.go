package peft

import (
	"fmt"
	"sync"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/shapes"

	"github.com/gopeft/gopeft/internal/engine"
)

// Engine compiles graphs and runs them: in pure Go, or through XLA on a CPU or a GPU. Backbones share one unless they are
// given another; a program that wants an engine of its own, to close it, opens it with [OpenEngine]. An Engine may be used
// by many goroutines and many backbones at once, and tensors of one backbone work on all others on the same engine.
type Engine struct{ inner *engine.Engine }

// OpenEngine opens an engine by name: "go", which is always there; "xla:cpu" and "xla:cuda", where their PJRT plugins are
// installed; or a plugin's path. An empty name means the environment variable GOMLX_BACKEND, and "go" where that is empty
// too. The caller closes it after the last backbone on it. Errors match [ErrEngine].
func OpenEngine(name string) (*Engine, error) {
	e, err := engine.Open(name)
	if err != nil {
		return nil, engineError{err}
	}
	return &Engine{e}, nil
}

// shared has the Engine of each shared engine inside. Like engine.Shared it is a cache.
var shared sync.Map // *engine.Engine → *Engine

// SharedEngine gives the engine that all backbones of this process share which ask for the same name. It is opened when
// it is first asked for and lives as long as the process: closing it does nothing.
func SharedEngine(name string) (*Engine, error) {
	e, err := engine.Shared(name)
	if err != nil {
		return nil, engineError{err}
	}
	one, _ := shared.LoadOrStore(e, &Engine{e})
	return one.(*Engine), nil
}

// engineError is an ErrEngine that reads like the reason alone.
type engineError struct{ reason error }

func (e engineError) Error() string { return e.reason.Error() }

func (e engineError) Unwrap() []error { return []error{ErrEngine, e.reason} }

// Name is the engine's name without options: "go", "xla:cpu", "xla:/path/to/plugin.so".
func (e *Engine) Name() string { return e.inner.Name() }

// Close frees the engine. Backbones and tensors on it can't be used afterwards. A second call does nothing.
func (e *Engine) Close() { e.inner.Close() }

// SpeedHint tells how to build or to choose a faster engine, in a sentence for the user of a program. It is empty where
// this one is as fast as it gets.
func (e *Engine) SpeedHint() string {
	if e.Name() != "go" || e.inner.SIMD() {
		return ""
	}
	return "this build has no SIMD kernels: build with GOEXPERIMENT=simd to be several times faster, or use xla:cpu"
}

// Backend is what GoMLX's packages take, for graphs of one's own.
func (e *Engine) Backend() compute.Backend { return e.inner.Backend() }

// Empty makes a tensor of zeros to be filled in, in the engine's own memory where the host can write to it.
func (e *Engine) Empty(shape shapes.Shape) (*Tensor, error) { return e.inner.Empty(shape) }

// Place moves a tensor to the engine's memory and drops its copy on the host.
func (e *Engine) Place(t *Tensor) error { return e.inner.Place(t) }

// check refuses an engine that was never opened.
func (e *Engine) check() error {
	if e == nil || e.inner == nil {
		return fmt.Errorf("%w: there is no engine: open one with OpenEngine", ErrInput)
	}
	return nil
}
