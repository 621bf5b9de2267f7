package engine

import (
	"cmp"
	"os"
	"sync"

	"github.com/gomlx/compute"
)

// Engine is an open backend. The zero value is not usable: Open and Shared give one. It is safe for use
// by many goroutines.
type Engine struct {
	spec    spec
	backend compute.Backend
	shared  bool // Close does nothing
	close   sync.Once
}

// Open gives the engine of that name: "go", "xla:cpu", "xla:cuda", "xla:/path/to/plugin.so" or
// a bare plugin path. "" means the environment's GOMLX_BACKEND, and pure Go where that is empty.
// The package comment lists the forms.
//
// The error matches ErrUnknown, ErrNoXLA or ErrNoPlugin where one of them is the reason.
func Open(name string) (*Engine, error) {
	s, err := parseName(orDefault(name))
	if err != nil {
		return nil, err
	}
	return openSpec(s)
}

// orDefault is the engine that is meant by a name, which may be empty.
func orDefault(name string) string { return cmp.Or(name, os.Getenv(compute.ConfigEnvVar), "go") }

func openSpec(s spec) (*Engine, error) {
	backendOf := openGo
	if s.kind == xla {
		backendOf = openXLA
	}
	var backend compute.Backend
	var err error
	// A constructor of a backend reports some faults by panicking.
	if caught := Try("engine: opening "+s.name(), func() { backend, err = backendOf(s) }); caught != nil {
		err = caught
	}
	if err != nil {
		return nil, err
	}
	return &Engine{spec: s, backend: backend}, nil
}

// Backend is what GoMLX's graph and model packages take.
func (e *Engine) Backend() compute.Backend { return e.backend }

// Name is the engine's name without options: "go", "xla:cpu", "xla:/path/to/plugin.so".
func (e *Engine) Name() string { return e.spec.name() }

// SIMD reports whether matrix products run on the vector kernels of the pure-Go engine: they
// are compiled in (see SIMDCompiled) and this engine is pure Go. For XLA it is false, since it
// has kernels of its own.
func (e *Engine) SIMD() bool { return e.spec.kind == pureGo && SIMDCompiled() }

// Close frees the backend; programs and tensors on it are unusable afterwards. A second call
// does nothing, and neither does that of a shared engine (see Shared), which others may be using.
func (e *Engine) Close() {
	if !e.shared {
		e.close.Do(e.backend.Finalize)
	}
}
