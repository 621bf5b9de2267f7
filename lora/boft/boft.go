package boft

import (
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/graph"

	"github.com/gopeft/gopeft/internal/batched"
	"github.com/gopeft/gopeft/peft/seam"
)

// Names of a site's values: the blocks of every factor, and the outputs' factors.
const nameR, nameS = "boft_R", "boft_s"

// method is BOFT with resolved settings.
type method struct{ c Config }

var (
	_ seam.WeightHook = (*method)(nil)
	_ seam.Starter    = (*method)(nil)
)

// GraphKey implements seam.Method.
func (m *method) GraphKey() string { return fmt.Sprintf("dropout=%g", m.c.Dropout) }

// Plan implements seam.Method.
func (m *method) Plan(b *seam.Blueprint) (*seam.Plan, error) {
	return b.PlanSites(seam.Selector{
		Targets: m.c.Targets, Exclude: m.c.Exclude, LayersToTransform: m.c.LayersToTransform, LayersPattern: m.c.LayersPattern,
		Kinds: []seam.Kind{seam.Linear, seam.Conv}, Bias: m.c.Bias,
	}, func(s seam.Site) ([]seam.Param, error) {
		factors := m.c.NButterflyFactor
		own := seam.Param{Site: s.Path, Name: nameR}
		if shape, ok := b.FileShape(own.FileKey()); ok && len(shape) == 4 { // HF PEFT's may have fewer than its config says
			factors = shape[0]
		}
		blocks, size, err := m.divide(s, factors)
		if err != nil {
			return nil, err
		}
		scale := seam.Param{Name: nameS, Shape: []int{s.Out, 1}, Fill: 1}
		if s.Kind == seam.Conv {
			scale.Shape = []int{1, s.Out}
		}
		own.Shape = []int{factors, blocks, size, size}
		if !*m.c.InitWeights {
			own.Init, scale.Init = seam.Normal(0.1), aroundOne
		}
		return []seam.Param{own, scale}, nil
	})
}

func aroundOne(r *rand.Rand, out []float32) {
	seam.Normal(0.1)(r, out)
	for i := range out {
		out[i]++
	}
}

// Weight implements seam.WeightHook.
func (m *method) Weight(at *seam.At, w seam.Affine) seam.Affine {
	r := at.Param(nameR)
	d := r.Shape().Dimensions
	turns := at.Jointly(nameR, "rotations", skew, batched.Cayley)
	turns = m.dropped(at, graph.Reshape(turns, d...))
	maps := []seam.Map{at.Diagonal(graph.Reshape(at.Param(nameS), -1)), w.Map}
	for i := range d[0] { // x meets the last factor first: the map of rows is R_m … R_0, of columns its transpose
		blocks := graph.Reshape(graph.Slice(turns, graph.AxisElem(i)), d[1:]...)
		maps = append(maps, factor(at, blocks, d, i))
	}
	w.Map = at.Times(maps...)
	return w
}

// skew gives the skew part of a value's matrices.
func skew(v *seam.Node) *seam.Node {
	d := v.Shape().Dimensions
	s := graph.Reshape(v, -1, d[2], d[3])
	return graph.MulScalar(graph.Sub(s, batched.Transpose(s)), 0.5)
}

// factor is the map x R_i = x P diag(Q) Pᵀ of rows.
func factor(at *seam.At, blocks *seam.Node, d []int, i int) seam.Map {
	turn := at.Blocks(batched.Transpose(blocks))
	if d[0] == 1 {
		return turn
	}
	order := permutation(d[1], d[2], i)
	return at.Times(permute(at, order), turn, permute(at, inverse(order)))
}

// permute is the map y_j = x_{from[j]}.
func permute(at *seam.At, from []int32) seam.Map {
	pick := func(from []int32) func(*seam.Node) *seam.Node {
		return func(x *seam.Node) *seam.Node {
			places := make([][]int32, len(from))
			for j := range from {
				places[j] = from[j : j+1 : j+1]
			}
			dims := x.Shape().Dimensions
			flat := graph.Transpose(graph.Reshape(x, -1, len(from)), 0, 1)
			flat = graph.Gather(flat, graph.Const(x.Graph(), places))
			return graph.Reshape(graph.Transpose(flat, 0, 1), dims...)
		}
	}
	return &seam.MapFunc{At: at, Width: len(from), Function: pick(from), Transposed: pick(inverse(from))}
}

// dropped puts the unit matrix in place of some blocks of one factor, both at random, while training.
func (m *method) dropped(at *seam.At, turns *seam.Node) *seam.Node {
	d := turns.Shape().Dimensions
	share := int(m.c.Dropout * float64(d[1]))
	if !at.Training() || share == 0 {
		return turns
	}
	factor := graph.ConvertDType(at.Chosen(1, d[0]), dtypes.Float32)
	block := graph.ConvertDType(at.Chosen(share, d[1]), dtypes.Float32)
	still := graph.Mul(graph.Reshape(factor, d[0], 1, 1, 1), graph.Reshape(block, 1, d[1], 1, 1))
	unit := graph.InsertAxes(batched.Identity(at.Graph(), d[2]), 0, 0)
	return graph.Add(graph.Mul(graph.OneMinus(still), turns), graph.Mul(still, unit))
}

// StartError implements seam.Starter.
func (m *method) StartError() (bound float64, why string) {
	if !*m.c.InitWeights {
		return math.Inf(1), "the rotations and factors are random"
	}
	return 0, ""
}
