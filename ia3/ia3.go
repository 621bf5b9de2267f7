package ia3

import (
	"math"
	"slices"
	"strings"

	"github.com/gomlx/gomlx/core/graph"

	"github.com/gopeft/gopeft/peft/seam"
)

// Names of a site's factors, by what they scale. In files both are "ia3_l"; they differ here so that in one batch some rows
// may scale the input of a module and others its output.
const scaleIn, scaleOut = "ia3_in", "ia3_out"

// method is (IA)³ with resolved settings.
type method struct{ c Config }

var (
	_ seam.WeightHook = (*method)(nil)
	_ seam.ConvHook   = (*method)(nil)
	_ seam.Rower      = (*method)(nil)
	_ seam.Exporter   = (*method)(nil)
	_ seam.Starter    = (*method)(nil)
)

// GraphKey implements seam.Method.
func (*method) GraphKey() string { return "" }

// RowsOK implements seam.Rower: both factors are 1 for rows that have none.
func (*method) RowsOK() bool { return true }

// Plan implements seam.Method.
func (m *method) Plan(b *seam.Blueprint) (*seam.Plan, error) {
	if !b.Loaded { // HF PEFT has files that it does not open itself: all-linear spelled out
		if err := m.c.checkNames(); err != nil {
			return nil, err
		}
	}
	forward := m.c.feedForward(b.Info.ModelType)
	found := false // for a pattern
	plan, err := b.PlanSites(seam.Selector{
		Targets: m.c.Targets, Exclude: m.c.Exclude, Kinds: []seam.Kind{seam.Linear, seam.Conv},
	}, func(s seam.Site) ([]seam.Param, error) {
		ok, err := isFeedForward(forward, s)
		found = found || ok
		return []seam.Param{m.param(s, ok)}, err
	})
	if err != nil || b.Loaded || m.c.FeedForward.IsDefault() {
		return plan, err
	}
	if forward.IsPattern() && !found {
		return nil, seam.Fieldf("feedforward_modules", "%s matches none of the targets (%s)", forward, strings.Join(plan.Sites, ", "))
	}
	for _, name := range forward.Names() {
		ends := func(path string) bool { s, _ := b.Site(path); return endsIn(name, s) }
		if !slices.ContainsFunc(plan.Sites, ends) {
			return nil, notTarget(name, strings.Join(plan.Sites, ", "))
		}
	}
	return plan, nil
}

// isFeedForward reports whether a site is among the feed-forward modules.
func isFeedForward(forward seam.Targets, s seam.Site) (bool, error) {
	if !forward.IsPattern() {
		return slices.ContainsFunc(forward.Names(), func(name string) bool { return endsIn(name, s) }), nil
	}
	ok, err := forward.Means(s.Path)
	if !ok && err == nil && s.Alias != "" {
		ok, err = forward.Means(s.Alias)
	}
	if err != nil {
		return false, seam.Fieldf("feedforward_modules", "%v", err)
	}
	return ok, nil
}

// endsIn reports whether a site's path ends in a name: unlike a target's it need not stand behind a dot, as in HF PEFT.
func endsIn(name string, s seam.Site) bool {
	return strings.HasSuffix(s.Path, name) || strings.HasSuffix(s.Alias, name)
}

// param is the factors of one site, with the shape that HF PEFT gives them.
func (m *method) param(s seam.Site, feedForward bool) seam.Param {
	p := seam.Param{Name: scaleOut, Key: "base_model.model." + s.Path + ".ia3_l", Shape: []int{s.Out, 1}, Fill: 1}
	width := s.Out
	if feedForward {
		p.Name, p.Shape, width = scaleIn, []int{1, s.In}, s.In
	}
	if s.Kind == seam.Conv {
		p.Shape = append([]int{1, width}, slices.Repeat([]int{1}, len(s.Conv.Kernel))...)
	}
	if !*m.c.Init {
		p.Init = seam.Normal(1)
	}
	return p
}

// factors gives the factors of a site [width] without the axes of length 1, each row's own when ByRow.
func factors(at *seam.At, name string) *seam.Node {
	l := at.Param(name)
	if at.ByRow() {
		return graph.Reshape(l, l.Shape().Dimensions[0], -1)
	}
	return graph.Reshape(l, -1)
}

// Weight implements seam.WeightHook.
func (m *method) Weight(at *seam.At, w seam.Affine) seam.Affine {
	if at.HasParam(scaleIn) {
		if at.Site.Kind == seam.Conv {
			w.Map = at.Weight(scaledKernels(at, w.Map.Matrix()))
		} else {
			w.Map = at.Times(w.Map, at.Diagonal(factors(at, scaleIn)))
		}
	}
	if at.HasParam(scaleOut) {
		w = at.Then(at.Diagonal(factors(at, scaleOut)), w)
	}
	return w
}

// scaledKernels multiplies a convolution's matrix [out, in/groups · kernel] with the factor of the channel that each number
// reads: with several groups another one for each of them.
func scaledKernels(at *seam.At, matrix *seam.Node) *seam.Node {
	groups := at.Site.Conv.Groups
	split := graph.Reshape(matrix, groups, at.Site.Out/groups, at.Site.In/groups, -1)
	l := graph.Reshape(factors(at, scaleIn), groups, 1, at.Site.In/groups, 1)
	return graph.Reshape(graph.Mul(split, l), at.Site.Out, -1)
}

// Conv implements seam.ConvHook: channels of the input and output are scaled, and no kernel is touched.
func (m *method) Conv(at *seam.At, x *seam.Node, next func(*seam.Node) *seam.Node) *seam.Node {
	if at.HasParam(scaleIn) {
		x = graph.Mul(x, at.Channels(factors(at, scaleIn), x))
	}
	y := next(x)
	if at.HasParam(scaleOut) {
		y = graph.Mul(y, at.Channels(factors(at, scaleOut), y))
	}
	return y
}

// StartError implements seam.Starter.
func (m *method) StartError() (bound float64, why string) {
	if !*m.c.Init {
		return math.Inf(1), "the factors are random"
	}
	return 0, ""
}
