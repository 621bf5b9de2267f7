package peft

import (
	"container/list"
	"fmt"
	"sync"

	"github.com/gomlx/gomlx/core/graph"

	"github.com/gopeft/gopeft/internal/engine"
	"github.com/gopeft/gopeft/peft/seam"
)

// maxPrograms bounds the compiled programs that a backbone keeps. XLA takes about a second to compile one, so this is
// generous; the least recently used goes first.
const maxPrograms = 128

// runtime compiles programs and keeps them. It may be used by many goroutines at once: two calls that need the same
// program compile it once, and one that runs is never freed.
type runtime struct {
	engine *Engine
	limit  int

	mu       sync.Mutex
	programs map[string]*list.Element // of *compiled
	recent   *list.List               // most recently used first
	built    int                      // programs compiled so far, for tests
}

// compiled is one program for one set of shapes.
type compiled struct {
	key   string
	maker uintptr       // the code that built it, to notice another one under the same key
	ready chan struct{} // closed once graph or err is set
	graph *graph.Graph
	// frozen lists the backbone's values the program reads, in the order of its parameters after the inputs.
	frozen []string
	names  []string // of the first outputs
	err    error
	users  int // guarded by runtime.mu
	gone   bool
}

func newRuntime(e *Engine) *runtime {
	return &runtime{engine: e, limit: maxPrograms, programs: map[string]*list.Element{}, recent: list.New()}
}

// acquire gives the program of a key, and builds it where there is none yet. maker is the code that
// builds it: another place under the same key is an error. The caller must release the program.
func (r *runtime) acquire(key string, maker uintptr, build func(p *compiled, g *graph.Graph) (outputs []*seam.Node)) (*compiled, error) {
	r.mu.Lock()
	if el, ok := r.programs[key]; ok {
		r.recent.MoveToFront(el)
		p := el.Value.(*compiled)
		if p.maker != maker && placeOf(p.maker) != placeOf(maker) {
			r.mu.Unlock()
			return nil, fmt.Errorf("%w: Program.Key: the key of another program, that of %s, is given to the one of %s: give each Build a key of its own",
				ErrInput, placeOf(p.maker), placeOf(maker))
		}
		p.users++
		r.mu.Unlock()
		<-p.ready
		if p.err != nil {
			r.release(p)
			return nil, p.err
		}
		return p, nil
	}
	p := &compiled{key: key, maker: maker, ready: make(chan struct{}), users: 1}
	r.programs[key] = r.recent.PushFront(p)
	r.built++
	r.mu.Unlock()

	p.err = engine.Try("building a graph", func() {
		p.graph = graph.NewGraph(r.engine.Backend(), "gopeft")
		if err := p.graph.Compile(build(p, p.graph)...); err != nil {
			panic(err)
		}
	})
	if p.err != nil {
		r.mu.Lock()
		r.drop(p)
		r.mu.Unlock()
	}
	close(p.ready)
	if p.err != nil {
		r.release(p)
		return nil, p.err
	}
	r.shrink(r.limit)
	return p, nil
}

// release ends the use of a program and frees it if it was evicted meanwhile.
func (r *runtime) release(p *compiled) {
	r.mu.Lock()
	defer r.mu.Unlock()
	p.users--
	r.free(p)
}

// place brings tensors to the device, under each one's lock, and gives them as a graph's arguments. Left to do it
// itself, a graph looks at a tensor without its lock, and fails where another call is just bringing the same one.
// It panics like a graph.
func (r *runtime) place(values []*Tensor) []any {
	args := make([]any, len(values))
	for i, t := range values {
		t.MustMaterializeOnDevice(r.engine.Backend(), true, 0)
		args[i] = t
	}
	return args
}

// shrink drops the least recently used programs but for so many. Those in use are freed by their last release.
func (r *runtime) shrink(to int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for r.recent.Len() > to {
		p := r.recent.Back().Value.(*compiled)
		r.drop(p)
		r.free(p)
	}
}

// drop forgets a program. The caller holds mu.
func (r *runtime) drop(p *compiled) {
	if el, ok := r.programs[p.key]; ok && el.Value == p {
		r.recent.Remove(el)
		delete(r.programs, p.key)
	}
	p.gone = true
}

// free finalises a dropped program that nobody uses. The caller holds mu.
func (r *runtime) free(p *compiled) {
	if p.gone && p.users == 0 && p.graph != nil {
		p.graph.Finalize()
		p.graph = nil
	}
}
