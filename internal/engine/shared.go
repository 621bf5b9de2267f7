package engine

import (
	"strings"
	"sync"
)

// engines holds the shared engines of this process, by name and options. It is a cache: it decides only whether an
// engine is opened anew.
var engines sync.Map // string → *slot

// slot is the place of one shared engine.
type slot struct {
	mu     sync.Mutex
	engine *Engine // nil until it has been opened
}

// Shared gives the engine that everyone in this process shares who asks for the same name and options. It is opened when
// it is first asked for and kept until the process ends: its Close does nothing, since others may be using it. Tensors
// on it therefore work wherever it was asked for, and there is one pool of memory. "" means the same as for Open, and
// the environment is read at each call. An engine that can't be opened is tried again by the next call. Errors are
// those of Open.
func Shared(name string) (*Engine, error) {
	s, err := parseName(orDefault(name))
	if err != nil {
		return nil, err
	}
	found, _ := engines.LoadOrStore(s.key(), &slot{})
	here := found.(*slot)
	here.mu.Lock()
	defer here.mu.Unlock()
	if here.engine == nil {
		e, err := openSpec(s)
		if err != nil {
			return nil, err
		}
		e.shared = true
		here.engine = e
	}
	return here.engine, nil
}

// key is the name with its options, in their order, which counts.
func (s spec) key() string { return strings.Join(append([]string{s.name()}, s.options...), ",") }
