package vblora

import (
	"fmt"
	"math"
	"strings"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/graph"

	"github.com/gopeft/gopeft/peft/seam"
)

// method is VB-LoRA with resolved settings.
type method struct{ c Config }

var (
	_ seam.WeightHook  = (*method)(nil)
	_ seam.Initializer = (*method)(nil)
	_ seam.Exporter    = (*method)(nil)
	_ seam.Starter     = (*method)(nil)
)

// Names of the values. The two last stand behind those of the logits.
const (
	nameBank     = "vblora_vector_bank" // of the whole adapter
	nameA, nameB = "vblora_logits_A", "vblora_logits_B"
	topIndices   = "_topk_indices"
	topWeights   = "_topk_weights"
)

// GraphKey implements seam.Method.
func (m *method) GraphKey() string { return fmt.Sprintf("topk=%d,dropout=%g", m.c.TopK, m.c.Dropout) }

// Plan implements seam.Method.
func (m *method) Plan(b *seam.Blueprint) (*seam.Plan, error) {
	narrowed := false
	plan, err := b.PlanSites(seam.Selector{
		Targets: m.c.Targets, Exclude: m.c.Exclude, LayersToTransform: m.c.LayersToTransform, LayersPattern: m.c.LayersPattern,
		Bias: m.c.Bias,
	}, func(s seam.Site) ([]seam.Param, error) {
		if s.In%m.c.VectorLength != 0 || s.Out%m.c.VectorLength != 0 {
			return nil, seam.Sitef("vector_length", s, "%d must divide the widths of every target", m.c.VectorLength)
		}
		_, top := b.FileShape("base_model.model." + s.Path + "." + nameA + topIndices)
		narrowed = narrowed || top && m.c.SaveOnlyTopK
		return append(m.params(nameA, top, m.c.R, s.In/m.c.VectorLength), m.params(nameB, top, s.Out/m.c.VectorLength, m.c.R)...), nil
	})
	if err != nil {
		return nil, err
	}
	plan.Params = append(plan.Params, seam.Param{
		Name: nameBank, Key: "base_model." + nameBank, Shape: []int{m.c.NumVectors, m.c.VectorLength}, Init: seam.Uniform(m.c.BankBound),
		Frozen: narrowed,
	})
	return plan, nil
}

// params are the logits of one factor and, where a file holds the largest of them only, what it holds.
func (m *method) params(name string, top bool, rows, columns int) []seam.Param {
	logits := seam.Param{Name: name, Shape: []int{rows, columns, m.c.NumVectors}, Init: seam.Normal(m.c.LogitsStd)}
	if !top || !m.c.SaveOnlyTopK {
		return []seam.Param{logits}
	}
	logits.Frozen, logits.Optional = true, true
	out := []seam.Param{logits, {
		Name: name + topIndices, Shape: []int{rows, columns, m.c.TopK}, Frozen: true, Buffer: true, DType: indexType(m.c.NumVectors),
	}}
	if m.c.TopK > 1 {
		out = append(out, seam.Param{Name: name + topWeights, Shape: []int{rows, columns, m.c.TopK - 1}, Frozen: true, Buffer: true})
	}
	return out
}

// indexType is the type in which HF PEFT writes indices into a bank of n vectors.
func indexType(n int) dtypes.DType {
	switch {
	case n < 1<<8:
		return dtypes.Uint8
	case n < 1<<15:
		return dtypes.Int16
	}
	return dtypes.Int32
}

// Weight implements seam.WeightHook.
func (m *method) Weight(at *seam.At, w seam.Affine) seam.Affine {
	if at.Training() && at.HasParam(nameA+topIndices) {
		panic(&seam.UnsupportedError{
			Type: "VBLORA", Option: "training on a file that holds the top-k weights alone (save_only_topk_weights), at " + at.Site.Path,
		})
	}
	a := graph.Reshape(m.mixture(at, nameA), m.c.R, at.Site.In)
	b := graph.Reshape(graph.Transpose(m.mixture(at, nameB), 1, 2), at.Site.Out, m.c.R)
	w.Map = at.Plus(w.Map, at.Times(at.Weight(b), at.Dropped(at.Weight(a), m.c.Dropout)))
	return w
}

// mixture gives the stretches of one factor: [rows, columns, vector length].
func (m *method) mixture(at *seam.At, name string) *seam.Node {
	logits := at.Param(name)
	kept := largest(graph.StopGradient(logits), m.c.TopK)
	weights := graph.Mul(graph.Exp(graph.Sub(logits, graph.StopGradient(graph.ReduceAndKeep(logits, graph.ReduceMax, -1)))), kept)
	weights = graph.Div(weights, graph.ReduceAndKeep(weights, graph.ReduceSum, -1))
	return graph.Dot(weights, at.Global(nameBank)).General([]int{2}, nil, []int{0}, nil)
}

// largest is 1 at the k largest numbers along the last axis of x, and 0 elsewhere. Of equal ones the first count. (Sorting, as
// graph.TopKMask does, takes a hundred times as long on the Go engine.)
func largest(x *seam.Node, k int) *seam.Node {
	n := x.Shape().Dimensions[x.Rank()-1]
	kept := graph.ZerosLike(x)
	for range k {
		top := graph.OneHot(graph.ArgMax(x, -1), n, x.DType())
		kept = graph.Add(kept, top)
		x = graph.Where(graph.GreaterThan(top, graph.ZerosLike(x)), graph.Infinity(x.Graph(), x.DType(), -1), x)
	}
	return kept
}

// Ignores implements seam.Ignorer: of one vector there is no weight besides the last, and HF PEFT writes tensors without numbers.
func (m *method) Ignores(key string) bool {
	return m.c.SaveOnlyTopK && m.c.TopK == 1 && (strings.HasSuffix(key, nameA+topWeights) || strings.HasSuffix(key, nameB+topWeights))
}

// StartError implements seam.Starter.
func (m *method) StartError() (bound float64, why string) {
	return math.Inf(1), "both factors start from the bank, at random"
}
