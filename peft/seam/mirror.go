package seam

import (
	"fmt"
	"maps"
	"math/rand/v2"

	"github.com/gomlx/gomlx/core/graph"
)

// Mirrored is implemented by models whose architecture can be built again in another size, as a small network of an adapter's
// own beside the large one.
type Mirrored interface {
	// Mirror makes the network between token embeddings and head in other sizes. Sizes that can't be are errors that match
	// ErrConfig.
	Mirror(Sizes) (*Mirror, error)
}

// Sizes are those of a Mirror; 0 means the model's own.
type Sizes struct {
	Layers, Hidden, Heads, Inner int // blocks, width, heads of attention, width of the feed-forward
}

// Mirror is a network without values. Paths are those of the bare model in transformers, as "layers.0.self_attn.q_proj".
type Mirror struct {
	Hidden     int     // width
	Words      string  // path of its token embeddings, which Forward does not read
	EmbedScale float64 // what token embeddings are multiplied by; 0 means 1
	// KeepsWords says that transformers' network has its own token embeddings also where it is given others.
	KeepsWords bool
	Sites      []Site
	Values     []MirrorValue
	// Forward gives the hidden states [batch, columns, hidden] of a sequence. Graph-building.
	Forward func(c *Call, seq Sequence) *Node
}

// MirrorValue is a value that a Mirror computes with.
type MirrorValue struct {
	Path  string
	Shape []int // as files have it
	// Swapped says that the network computes with the two axes the other way round; see Site.FanInFanOut.
	Swapped bool
	Fill    float32                           // what a new value is, where Init is nil
	Init    func(r *rand.Rand, out []float32) // draws a new value
}

// Mirror makes a small network of the model's architecture; see Mirrored. A model that has none is an error that matches
// ErrUnsupported.
func (b *Blueprint) Mirror(s Sizes) (*Mirror, error) { return mirror(b.model, s) }

func mirror(m Model, s Sizes) (*Mirror, error) {
	if m, ok := m.(Mirrored); ok {
		return m.Mirror(s)
	}
	return nil, &UnsupportedError{Option: fmt.Sprintf("a small network beside a model of type %s", m.Info().ModelType)}
}

// Mirror makes the network again that Blueprint.Mirror made. Graph-building.
func (c *Call) Mirror(s Sizes) *Mirror {
	m, err := mirror(c.net.model, s)
	if err != nil {
		panic(err)
	}
	return m
}

// RunMirror computes a Mirror with values of the adapter: of each, that of its path behind a prefix, which belongs to no site
// (Global). No adapter acts inside. When text is written, its attention keeps keys and values as the model's does. Graph-building.
func (at *At) RunMirror(m *Mirror, prefix string, seq Sequence) *Node {
	c := at.Call
	inner := &Call{
		g: c.g, net: &Frozen{info: c.net.info, sites: map[string]Site{}}, training: c.training, rng: c.rng, draws: c.draws,
		frozen: map[string]*Node{}, wide: map[*Node]*Node{}, step: c.step, arguments: maps.Clone(c.arguments),
	}
	for _, s := range m.Sites {
		inner.net.sites[s.Path] = s
	}
	for _, v := range m.Values {
		if !at.HasGlobal(prefix + v.Path) { // which it then does not read
			continue
		}
		n := at.Global(prefix + v.Path)
		if v.Swapped {
			n = graph.Transpose(n, 0, 1)
		}
		inner.frozen[v.Path] = n
	}
	y := m.Forward(inner, seq)
	c.draws = inner.draws
	return y
}
