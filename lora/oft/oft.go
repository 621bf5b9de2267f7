package oft

import (
	"fmt"
	"math"

	"github.com/gomlx/gomlx/core/graph"

	"github.com/gopeft/gopeft/internal/batched"
	"github.com/gopeft/gopeft/peft/seam"
)

// Names of a site's value: the upper triangles of the blocks' Q.
const nameR, nameEmbedding = "oft_R.weight", "oft_embedding_R.weight"

// method is OFT with resolved settings.
type method struct{ c Config }

// constrained is COFT.
type constrained struct{ *method }

var (
	_ seam.Stepper      = constrained{}
	_ seam.WeightHook   = (*method)(nil)
	_ seam.Starter      = (*method)(nil)
	_ seam.Approximator = (*method)(nil)
)

// GraphKey implements seam.Method.
func (m *method) GraphKey() string {
	return fmt.Sprintf("neumann=%t/%d,dropout=%g,coft=%t/%g", *m.c.UseCayleyNeumann, m.c.CayleyNeumannTerms, m.c.ModuleDropout, m.c.Constrained, m.c.Eps)
}

// Plan implements seam.Method.
func (m *method) Plan(b *seam.Blueprint) (*seam.Plan, error) {
	return b.PlanSites(seam.Selector{
		Targets: m.c.Targets, Exclude: m.c.Exclude, LayersToTransform: m.c.LayersToTransform, LayersPattern: m.c.LayersPattern,
		Kinds: []seam.Kind{seam.Linear, seam.Conv, seam.Embedding}, Bias: m.c.Bias,
	}, func(s seam.Site) ([]seam.Param, error) {
		blocks, size, err := m.divide(s, b.Loaded)
		if err != nil {
			return nil, err
		}
		if m.c.BlockShare {
			blocks = 1
		}
		p := seam.Param{Name: nameR, Shape: []int{blocks, size * (size - 1) / 2}}
		if s.Kind == seam.Embedding {
			p.Name = nameEmbedding
		}
		if !*m.c.InitWeights {
			p.Init = seam.Normal(0.1)
		}
		return []seam.Param{p}, nil
	})
}

// rotated is the width that is rotated at a site.
func rotated(s seam.Site) int {
	if s.Kind == seam.Embedding {
		return s.Out
	}
	return s.In * s.Points()
}

// divide gives the number of blocks and their size at a site.
func (m *method) divide(s seam.Site, loaded bool) (blocks, size int, err error) {
	if s.Kind == seam.Conv && s.Conv.Groups > 1 {
		return 0, 0, &seam.UnsupportedError{Type: "OFT", Option: fmt.Sprintf("a convolution of %d groups, %s", s.Conv.Groups, s.Path)}
	}
	width := rotated(s)
	field, given := "oft_block_size", *m.c.BlockSize
	if m.c.R != 0 {
		field, given = "r", m.c.R
	}
	if width%given != 0 {
		near := nearestDivisor(width, given)
		if !loaded {
			return 0, 0, seam.Sitef(field, s, "%d does not divide the %d numbers that are rotated; %d does", given, width, near)
		}
		given = near
	}
	blocks, size = width/given, given
	if m.c.R != 0 {
		blocks, size = size, blocks
	}
	if size < 2 {
		return 0, 0, seam.Sitef(field, s, "%d makes blocks of a single number, which can't turn", given)
	}
	return blocks, size, nil
}

// nearestDivisor is what HF PEFT takes in place of a number that does not divide the width.
func nearestDivisor(width, n int) int {
	if n >= width {
		return width
	}
	higher, lower := n, n
	for width%higher != 0 {
		higher++
	}
	for width%lower != 0 {
		lower--
	}
	if n-lower <= higher-n {
		return lower
	}
	return higher
}

// Weight implements seam.WeightHook.
func (m *method) Weight(at *seam.At, w seam.Affine) seam.Affine {
	name := nameR
	if at.Site.Kind == seam.Embedding {
		name = nameEmbedding
	}
	r := at.Jointly(name, "rotations", m.skew, m.rotate)
	d := r.Shape().Dimensions
	if blocks := rotated(at.Site) / d[1]; d[0] != blocks { // one for all
		r = graph.BroadcastToDims(r, blocks, d[1], d[2])
	} else if dropped := int(m.c.ModuleDropout * float64(blocks)); at.Training() && dropped > 0 && blocks > 1 {
		still := graph.InsertAxes(at.Chosen(dropped, blocks), -1, -1)
		unit := graph.InsertAxes(batched.Identity(at.Graph(), d[1]), 0)
		r = graph.Where(graph.BroadcastToDims(still, r.Shape().Dimensions...), graph.BroadcastToDims(unit, r.Shape().Dimensions...), r)
	}
	turn := at.Blocks(batched.Transpose(r)) // HF PEFT multiplies rows with R
	if at.Site.Kind == seam.Embedding {
		return at.Then(turn, w)
	}
	w.Map = at.Times(w.Map, turn)
	return w
}

// skew gives the blocks' Q of one value.
func (m *method) skew(v *seam.Node) *seam.Node {
	n := int(math.Round((1 + math.Sqrt(1+8*float64(v.Shape().Dimensions[1]))) / 2))
	q := batched.Skew(v, n)
	if !m.c.Constrained {
		return q
	}
	bound := m.c.Eps / math.Sqrt(float64(v.Shape().Dimensions[0]))
	still := graph.StopGradient(q)
	norm := graph.Sqrt(graph.ReduceAndKeep(graph.ReduceAndKeep(graph.Square(still), graph.ReduceSum, 2), graph.ReduceSum, 1))
	least := graph.Div(graph.Scalar(v.Graph(), q.DType(), bound), graph.MaxScalar(norm, bound)) // 1 within the bound
	return graph.Add(q, graph.Sub(graph.Mul(still, least), still))                              // the bounded value, with the gradient of the free one
}

// rotate gives the rotations of many Q at once.
func (m *method) rotate(q *seam.Node) *seam.Node {
	if *m.c.UseCayleyNeumann {
		return batched.CayleyNeumann(q, m.c.CayleyNeumannTerms)
	}
	return batched.Cayley(q)
}

// AfterStep implements seam.Stepper: what is saved is within the bound, as what is computed with.
func (m constrained) AfterStep(s *seam.Step) error {
	for _, site := range s.Sites() {
		for _, name := range []string{nameR, nameEmbedding} {
			if !s.Has(site, name) {
				continue
			}
			v, err := s.Value(site, name)
			if err != nil {
				return err
			}
			blocks := s.Shape(site, name)[0]
			bound := m.c.Eps / math.Sqrt(float64(blocks))
			for b := range blocks {
				shorten(v[b*len(v)/blocks:(b+1)*len(v)/blocks], bound)
			}
		}
	}
	return nil
}

// shorten bounds the norm of the skew-symmetric matrix with this upper triangle.
func shorten(triangle []float32, bound float64) {
	norm := 0.0
	for _, x := range triangle {
		norm += 2 * float64(x) * float64(x)
	}
	if norm = math.Sqrt(norm); norm <= bound {
		return
	}
	for i := range triangle {
		triangle[i] = float32(float64(triangle[i]) * bound / norm)
	}
}

// StartError implements seam.Starter.
func (m *method) StartError() (bound float64, why string) {
	if !*m.c.InitWeights {
		return math.Inf(1), "the rotations are random"
	}
	return 0, ""
}

// ApproximateGradient implements seam.Approximator.
func (m *method) ApproximateGradient(string) (why string) {
	if m.c.Constrained {
		return "the bound of COFT counts as constant"
	}
	return ""
}
