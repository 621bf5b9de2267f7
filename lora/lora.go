package lora

import (
	"fmt"
	"math"
	"slices"

	"github.com/gomlx/gomlx/core/graph"

	"github.com/gopeft/gopeft/peft/seam"
)

// Names of a site's values.
const (
	nameA, nameB           = "lora_A.weight", "lora_B.weight"
	nameBias               = "lora_B.bias"
	embedA, embedB         = "lora_embedding_A", "lora_embedding_B"
	nameMagnitude          = "lora_magnitude_vector"
	nameScale              = "scale"
	nameStartA, nameStartB = "start_A", "start_B" // what the frozen weight loses, see Start
)

// method is LoRA with resolved settings. A Linear site and an Embedding site differ in names and in how A is read; at a
// Conv site A and B are convolutions.
type method struct{ c Config }

var (
	_ seam.LinearHook    = (*method)(nil)
	_ seam.EmbeddingHook = (*method)(nil)
	_ seam.ConvHook      = (*method)(nil)
	_ seam.Merger        = (*method)(nil)
	_ seam.Rower         = (*method)(nil)
	_ seam.Initializer   = (*method)(nil)
	_ seam.Exporter      = (*method)(nil)
	_ seam.Starter       = (*method)(nil)
	_ seam.Approximator  = (*method)(nil)
	_ seam.Calibrator    = (*method)(nil)
)

// GraphKey implements seam.Method.
func (m *method) GraphKey() string {
	return fmt.Sprintf("dora=%t,bias=%t,drop=%g,start=%t", m.c.DoRA, m.c.LoRABias, m.c.Dropout, m.subtracts()) + m.c.variantKey()
}

// subtracts reports whether a start stands beside A and B that is taken from what the frozen weight computes.
func (m *method) subtracts() bool { return m.c.Init.changesBase() || m.c.KaSA != nil }

// Plan implements seam.Method.
func (m *method) Plan(b *seam.Blueprint) (*seam.Plan, error) {
	if err := m.c.checkInvocation(b); err != nil {
		return nil, err
	}
	if m.c.Arrow != nil {
		return m.planArrow(b)
	}
	sites, targets, err := m.sites(b)
	if err != nil {
		return nil, err
	}
	sites, targets, shared, err := m.tied(b, sites, targets)
	if err != nil {
		return nil, err
	}
	plan := &seam.Plan{Targets: targets}
	for _, s := range sites {
		params, err := m.params(s)
		if err != nil {
			return nil, err
		}
		plan.Sites = append(plan.Sites, s.Path)
		plan.Params = append(plan.Params, params...)
		// A smaller rank can't be padded where groups or blocks share it out.
		plan.Alone = plan.Alone || s.Kind == seam.Conv && s.Conv.Groups > 1 || m.c.Blocks != nil || m.c.VeLoRA != nil || m.c.MonteCLoRA != nil
	}
	if m.c.InvocationTokens != nil {
		plan.Params = append(plan.Params, m.c.invocation())
	}
	if m.c.LoftQ.isSet() && m.c.Init != LoftQStart {
		plan.Warnings = append(plan.Warnings, fmt.Sprintf("loftq_config does nothing with init_lora_weights %q", m.c.Init))
	}
	plan.Warnings = append(plan.Warnings, m.c.dataWarnings()...)
	if err := seam.CheckPattern(b, "rank_pattern", m.c.RankPattern, plan.Sites); err != nil {
		return nil, err
	}
	if err := seam.CheckPattern(b, "alpha_pattern", m.c.AlphaPattern, plan.Sites); err != nil {
		return nil, err
	}
	if shared != nil {
		plan.Sites = append(plan.Sites, shared.head.Path)
		plan.Params = append(plan.Params, shared.params(plan.Params)...)
	} else if m.c.TieWeights && !slices.ContainsFunc(m.c.ModulesToSave, seam.IsTiedName) {
		plan.Warnings = append(plan.Warnings, fieldTying+" does nothing: neither target_modules nor modules_to_save names embed_tokens or lm_head of a backbone that ties them")
	}
	biases, err := b.BiasParams(m.c.Bias, sites)
	if err != nil {
		return nil, err
	}
	plan.Params = append(plan.Params, biases...)
	return plan, m.c.Tokens.plan(b, &m.c, plan)
}

// sites are those of the target modules and the target parameters.
func (m *method) sites(b *seam.Blueprint) ([]seam.Site, seam.Targets, error) {
	var sites []seam.Site
	targets := m.c.Targets
	known := b.HasDefaultTargets()
	none := targets.IsDefault() && !known || !targets.IsDefault() && !targets.IsPattern() && len(targets.Names()) == 0
	if m.c.TargetParameters == nil || !none {
		var err error
		if sites, targets, err = b.Select(seam.Selector{
			Targets: m.c.Targets, Exclude: m.c.Exclude, LayersToTransform: m.c.LayersToTransform, LayersPattern: m.c.LayersPattern,
			Kinds: []seam.Kind{seam.Linear, seam.Embedding, seam.Conv},
		}); err != nil {
			return nil, targets, err
		}
	}
	more, err := m.c.parameterSites(b, sites)
	if len(sites)+len(more) == 0 && err == nil {
		err = seam.Fieldf(fieldParameters, "is empty, and so is target_modules")
	}
	return append(sites, more...), targets, err
}

// params are the values of one site.
func (m *method) params(s seam.Site) ([]seam.Param, error) {
	r, err := m.c.RankPattern.For(s.Path, m.c.R)
	if err != nil {
		return nil, seam.Fieldf("rank_pattern", "%v", err)
	}
	scale, err := m.c.scale(s, r)
	if err != nil {
		return nil, err
	}
	a := seam.Param{Site: s.Path, Name: nameA, Shape: []int{r, s.In}}
	b := seam.Param{Site: s.Path, Name: nameB, Shape: []int{s.Out, r}}
	if err := m.c.checkKind(s); err != nil {
		return nil, err
	}
	magnitude := []int{s.Out}
	switch {
	case m.c.upright(s):
		if m.c.Init == Orthogonal {
			return nil, seam.Fieldf(fieldInit, "%q does not go with %s.weight as one of target_parameters", m.c.Init, s.Path)
		}
		a, b = uprightParams(s, r)
	case s.Kind == seam.Embedding:
		a.Name, b.Name = embedA, embedB
		if m.c.LoRABias {
			return nil, seam.Fieldf("lora_bias", "does not go with an embedding: %s", s.Path)
		}
	case s.Kind == seam.Conv:
		if a.Shape, b.Shape, err = convShapes(s, r); err != nil {
			return nil, err
		}
		magnitude = append([]int{1, s.Out}, b.Shape[2:]...)
	}
	m.draw(&a, &b, r, s)
	if err := m.c.Blocks.shape(s, r, &a, &b); err != nil {
		return nil, err
	}
	b.Frozen = m.c.Init == MiCA
	out := []seam.Param{a, b, {Site: s.Path, Name: nameScale, Const: []float32{float32(scale)}}}
	if m.c.LoRABias {
		bias := seam.Param{Site: s.Path, Name: nameBias, Shape: []int{s.Out}}
		if m.c.Init == Random {
			bias.Init = seam.Uniform(1 / math.Sqrt(float64(b.Shape[1])))
		}
		out = append(out, bias)
	}
	if m.c.DoRA {
		out = append(out, seam.Param{Site: s.Path, Name: nameMagnitude, Shape: magnitude})
	}
	if m.c.VeLoRA != nil {
		out = append(out, m.c.VeLoRA.param(s))
	}
	if m.c.MonteCLoRA != nil {
		out = append(out, m.c.MonteCLoRA.params(s, r)...)
	}
	if m.c.KaSA != nil {
		out = append(out, seam.Param{Site: s.Path, Name: nameDiagonal, Shape: []int{r}, Init: seam.Normal(1)})
	}
	if m.c.Init == LoftQStart {
		out = append(out, seam.Param{
			Site: s.Path, Name: nameQuantised, Shape: []int{s.Out, s.In}, Const: make([]float32, s.Out*s.In), Replaces: s.Path + ".weight",
		})
	}
	if m.subtracts() {
		out = append(out,
			seam.Param{Site: s.Path, Name: nameStartA, Shape: a.Shape, Const: make([]float32, r*s.In)},
			seam.Param{Site: s.Path, Name: nameStartB, Shape: b.Shape, Const: make([]float32, r*s.Out)})
	}
	return out, nil
}

// scale is what the update of a site is multiplied by.
func (c *Config) scale(s seam.Site, r int) (float64, error) {
	alpha, err := c.AlphaPattern.For(s.Path, c.Alpha)
	if err != nil {
		return 0, seam.Fieldf("alpha_pattern", "%v", err)
	}
	if c.RSLoRA {
		return float64(alpha) / math.Sqrt(float64(r)), nil
	}
	return float64(alpha) / float64(r), nil
}

// RowsOK implements seam.Rower. DoRA's norm is of a whole weight, and LoftQ has a weight of its own, so their rows are computed
// one adapter at a time.
func (m *method) RowsOK() bool { return !m.c.DoRA && m.c.Init != LoftQStart }

// Linear implements seam.LinearHook.
func (m *method) Linear(at *seam.At, x *seam.Node, next func(*seam.Node) *seam.Node) *seam.Node {
	y := next(x)
	if m.c.Arrow != nil {
		return m.route(at, x, y)
	}
	if !at.HasParam(nameScale) {
		return rowsOf.Head(at, x, y)
	}
	dropped := at.Dropout(x, m.c.Dropout)
	update := m.product(at, x, dropped)
	update = graph.Mul(update, at.Spread(at.Param(nameScale), update))
	if m.c.DoRA {
		a, b := m.factors(at)
		g := at.Spread(m.gain(at, a, b), y)
		update = graph.Add(graph.Mul(graph.AddScalar(g, -1), at.BaseLinear(dropped)), graph.Mul(g, update))
	}
	if m.c.LoRABias {
		bias := at.Spread(at.Param(nameBias), y)
		update = graph.Add(update, graph.Mul(bias, at.Spread(at.Param(nameScale), y)))
	}
	if m.c.InvocationTokens != nil {
		return graph.Where(graph.BroadcastToDims(invoked(at, y), y.Shape().Dimensions...), graph.Add(y, update), y)
	}
	return graph.Add(y, update)
}

// product is B A of a linear map's input, with dropout on it, but for a start that the frozen weight has lost: of that no
// input is dropped.
func (m *method) product(at *seam.At, x, dropped *seam.Node) *seam.Node {
	if m.c.Blocks != nil {
		return m.blockProduct(at, dropped)
	}
	a, b := m.factors(at)
	inner := at.Dense
	if m.c.VeLoRA != nil {
		inner = func(x, a *seam.Node) *seam.Node { return m.compressed(at, x, a) }
	}
	y := at.Dense(inner(dropped, a), b)
	if m.subtracts() && dropped != x {
		lost := at.Dense(at.Dense(graph.Sub(dropped, x), at.Param(nameStartA)), at.Param(nameStartB))
		y = graph.Add(y, lost)
	}
	return y
}

// Embedding implements seam.EmbeddingHook. There is no dropout on ids, as in HF PEFT.
func (m *method) Embedding(at *seam.At, ids *seam.Node, next func(*seam.Node) *seam.Node) *seam.Node {
	if !at.HasParam(nameScale) {
		return rowsOf.Embed(at, ids, next(ids))
	}
	if m.c.upright(at.Site) {
		return m.uprightEmbedding(at, ids, next(ids))
	}
	a, b := at.Param(embedA), at.Param(embedB)
	y := next(ids)
	update := at.Dense(at.Lookup(at.Transpose(a), ids), b)
	update = graph.Mul(update, at.Spread(at.Param(nameScale), update))
	if m.c.DoRA {
		g := at.Spread(m.gain(at, a, b), y)
		update = graph.Add(graph.Mul(graph.AddScalar(g, -1), y), graph.Mul(g, update))
	}
	return graph.Add(y, update)
}

// factors gives A and B. For a start that is taken out of the frozen weight, that start stands below them with its
// sign turned, just as in the plain LoRA that is saved.
func (m *method) factors(at *seam.At) (a, b *seam.Node) {
	if m.c.upright(at.Site) {
		return at.Transpose(at.Param(nameB)), at.Transpose(at.Param(nameA))
	}
	if at.Site.Kind == seam.Embedding {
		return at.Param(embedA), at.Param(embedB)
	}
	if !at.HasParam(nameA) {
		return tiedFactors(at)
	}
	a, b = at.Param(nameA), at.Param(nameB)
	if m.c.Blocks != nil {
		inA, inB := m.c.Blocks.at(at.Site.Path)
		if inA {
			a = wholeBlocks(a, m.c.Blocks.count())
		}
		if inB {
			b = wholeBlocks(b, m.c.Blocks.count())
		}
	}
	if m.c.MonteCLoRA != nil {
		a = m.sampled(at, a)
	}
	if m.c.KaSA != nil {
		a = graph.Mul(a, graph.InsertAxes(at.Param(nameDiagonal), -1))
	}
	if m.subtracts() {
		rank := a.Rank() - 2
		a = graph.Concatenate([]*seam.Node{a, at.Param(nameStartA)}, rank)
		b = graph.Concatenate([]*seam.Node{b, graph.Neg(at.Param(nameStartB))}, rank+1)
	}
	return a, b
}

// delta is s B A, laid out like the weight.
func (m *method) delta(at *seam.At, a, b *seam.Node) *seam.Node {
	if at.Site.Kind == seam.Conv {
		return graph.Mul(convDelta(at, a, b), at.Param(nameScale))
	}
	d := graph.Mul(graph.MatMul(b, a), at.Param(nameScale)) // [out, in]
	if at.Site.Kind == seam.Embedding {
		return graph.Transpose(d, 0, 1)
	}
	return d
}

// gain is DoRA's m / ‖W + s B A‖ [out], with no gradient through the norm.
func (m *method) gain(at *seam.At, a, b *seam.Node) *seam.Node {
	w := graph.Add(at.Base("weight"), m.delta(at, a, b))
	return graph.Div(magnitude(at), graph.StopGradient(norm(at, w)))
}

// magnitude is DoRA's m [out].
func magnitude(at *seam.At) *seam.Node { return graph.Reshape(at.Param(nameMagnitude), at.Site.Out) }

// norm is the length of each output's weights [out].
func norm(at *seam.At, w *seam.Node) *seam.Node {
	if at.Site.Kind == seam.Embedding {
		return graph.Sqrt(graph.ReduceSum(graph.Square(w), 0))
	}
	return graph.Sqrt(graph.ReduceSum(graph.Square(graph.Reshape(w, at.Site.Out, -1)), 1))
}

// Merge implements seam.Merger.
func (m *method) Merge(at *seam.At, w seam.Weights) seam.Weights {
	if m.c.Arrow != nil {
		panic(fmt.Errorf("%w: an adapter with arrow_config changes each token by other weights", seam.ErrMerge))
	}
	if !at.HasParam(nameScale) {
		w.Weight = rowsOf.Merge(at, w.Weight)
		return w
	}
	checkMerge(at.Site)
	if m.c.InvocationTokens != nil {
		panic(fmt.Errorf("%w: an adapter with alora_invocation_tokens acts on some tokens and not on others", seam.ErrMerge))
	}
	a, b := m.factors(at)
	merged := graph.Add(w.Weight, m.delta(at, a, b))
	if m.c.DoRA {
		g := graph.Div(magnitude(at), norm(at, merged))
		for at.Site.Kind != seam.Embedding && g.Rank() < merged.Rank() {
			g = graph.InsertAxes(g, -1)
		}
		merged = graph.Mul(merged, graph.ExpandLeftToRank(g, merged.Rank()))
	}
	w.Weight = merged
	if m.c.LoRABias {
		if w.Bias == nil {
			panic(fmt.Errorf("%w: %s has no bias that could take up lora_bias", seam.ErrMerge, at.Site.Path))
		}
		w.Bias = graph.Add(w.Bias, graph.Mul(at.Param(nameBias), at.Param(nameScale)))
	}
	return w
}
