package hira

import (
	"fmt"
	"math"

	"github.com/gomlx/gomlx/core/graph"

	"github.com/gopeft/gopeft/peft/seam"
)

// Names of a site's values.
const (
	nameA, nameB   = "hira_A", "hira_B"
	embedA, embedB = "hira_embedding_A", "hira_embedding_B"
)

// method is HiRA with resolved settings.
type method struct{ c Config }

var (
	_ seam.WeightHook    = (*method)(nil)
	_ seam.EmbeddingHook = (*method)(nil)
	_ seam.Starter       = (*method)(nil)
)

// GraphKey implements seam.Method.
func (m *method) GraphKey() string { return fmt.Sprintf("dropout=%g", m.c.Dropout) }

// Plan implements seam.Method.
func (m *method) Plan(b *seam.Blueprint) (*seam.Plan, error) {
	plan, err := b.PlanSites(seam.Selector{
		Targets: m.c.Targets, Exclude: m.c.Exclude, LayersToTransform: m.c.LayersToTransform, LayersPattern: m.c.LayersPattern,
		Kinds: []seam.Kind{seam.Linear, seam.Embedding, seam.Conv},
	}, func(s seam.Site) ([]seam.Param, error) {
		r, err := m.rank(b, s)
		if err != nil {
			return nil, err
		}
		return m.params(s, r)
	})
	if err != nil {
		return nil, err
	}
	return plan, seam.CheckPattern(b, "rank_pattern", m.c.RankPattern, plan.Sites)
}

// rank is that of a site. Where the file has R in spite of rank_pattern, as HF PEFT's do, it is R.
func (m *method) rank(b *seam.Blueprint, s seam.Site) (int, error) {
	r, err := m.c.RankPattern.For(s.Path, m.c.R)
	if err != nil {
		return 0, seam.Fieldf("rank_pattern", "%v", err)
	}
	p := seam.Param{Site: s.Path, Name: nameA}
	if s.Kind == seam.Embedding {
		p.Name = embedA
	}
	if shape, ok := b.FileShape(p.FileKey()); ok && len(shape) > 0 && shape[0] == m.c.R {
		r = m.c.R
	}
	return r, nil
}

func (m *method) params(s seam.Site, r int) ([]seam.Param, error) {
	a, b := seam.Param{Name: nameA, Shape: []int{r, s.In}}, seam.Param{Name: nameB, Shape: []int{s.Out, r}}
	switch {
	case s.Kind == seam.Embedding:
		a.Name, b.Name, b.Init = embedA, embedB, seam.Normal(1)
	case s.Kind == seam.Conv && s.Conv.Groups > 1:
		return nil, seam.Sitef("target_modules", s, "a convolution of %d groups has no weight of the shape of B A", s.Conv.Groups)
	case s.Kind == seam.Conv:
		a.Shape = append(a.Shape, s.Conv.Kernel...)
		for range s.Conv.Kernel {
			b.Shape = append(b.Shape, 1)
		}
		a.Init = seam.Kaiming(a.Shape...)
	case m.c.Init == Gaussian:
		a.Init = seam.Normal(1 / float64(r))
	default:
		a.Init = seam.Kaiming(a.Shape...)
	}
	if m.c.Init == seam.Random {
		a.Init, b.Init = seam.Normal(1), seam.Normal(1)
	}
	return []seam.Param{a, b}, nil
}

// Weight implements seam.WeightHook.
func (m *method) Weight(at *seam.At, w seam.Affine) seam.Affine {
	a, b := nameA, nameB
	if at.Site.Kind == seam.Embedding {
		a, b = embedA, embedB
	}
	down, up := at.Param(a), at.Param(b)
	r := up.Shape().Dimensions[1]
	product := graph.MatMul(graph.Reshape(up, -1, r), graph.Reshape(down, r, -1))
	update := at.Weight(graph.Mul(at.Frozen().Matrix(), product))
	w.Map = at.Plus(w.Map, at.Dropped(update, m.c.Dropout))
	return w
}

// Embedding implements seam.EmbeddingHook: of a table, only the rows that are read are computed.
func (m *method) Embedding(at *seam.At, ids *seam.Node, next func(*seam.Node) *seam.Node) *seam.Node {
	gain := at.Dense(at.Lookup(at.Transpose(at.Param(embedA)), ids), at.Param(embedB))
	return graph.Add(next(ids), graph.Mul(at.BaseEmbedding(ids), gain))
}

// StartError implements seam.Starter.
func (m *method) StartError() (bound float64, why string) {
	if m.c.Init == seam.Random {
		return math.Inf(1), "A and B are both random"
	}
	return 0, ""
}
