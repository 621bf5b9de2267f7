package diffpruning

import (
	"fmt"
	"math"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/graph"

	"github.com/gopeft/gopeft/lora/internal/places"
	"github.com/gopeft/gopeft/peft/seam"
)

// Names of a site's values: before the projection, and of a file after it.
const (
	nameDiff, nameAlpha, nameGroup = "diffpruning_diff", "diffpruning_alpha", "diffpruning_alpha_group"
	nameValues, namePlaces         = "diffpruning_weight", "diffpruning_indices"
)

// method is diff pruning with resolved settings.
type method struct{ c Config }

var (
	_ seam.WeightHook  = (*method)(nil)
	_ seam.Regularizer = (*method)(nil)
	_ seam.Stepper     = (*method)(nil)
	_ seam.Exporter    = (*method)(nil)
	_ seam.Initializer = (*method)(nil)
)

// GraphKey implements seam.Method.
func (m *method) GraphKey() string {
	return fmt.Sprintf("penalty=%g,lower=%g,upper=%g", m.c.SparsityPenalty, m.c.Lower, m.c.Upper)
}

// Plan implements seam.Method.
func (m *method) Plan(b *seam.Blueprint) (*seam.Plan, error) {
	if m.c.KeptPerModule != nil && !b.Loaded {
		return nil, seam.Fieldf("kept_per_module", "is what files say of differences that training has left: leave it unset in a fresh adapter")
	}
	plan, err := b.PlanSites(seam.Selector{
		Targets: m.c.Targets, Exclude: m.c.Exclude, LayersToTransform: m.c.LayersToTransform, LayersPattern: m.c.LayersPattern,
		Kinds: []seam.Kind{seam.Linear, seam.Conv, seam.Embedding}, Bias: m.c.Bias,
	}, m.params)
	if err != nil || m.c.KeptPerModule == nil {
		return plan, err
	}
	var sites []string
	for _, path := range plan.Sites {
		if plan.Holds(path, nameValues) {
			sites = append(sites, path)
		}
	}
	if plan.Sites = sites; len(sites) == 0 {
		return nil, seam.Fieldf("kept_per_module", "leaves no difference in any target")
	}
	return plan, nil
}

func (m *method) params(s seam.Site) ([]seam.Param, error) {
	rows, columns := places.Layout(s)
	if m.c.KeptPerModule != nil {
		n := m.c.KeptPerModule[s.Path]
		if n > rows*columns {
			return nil, seam.Sitef("kept_per_module", s, "%d differences of a weight of %d", n, rows*columns)
		}
		if n == 0 {
			return nil, nil
		}
		return []seam.Param{
			{Name: nameValues, Shape: []int{n}}, {Name: namePlaces, Shape: []int{2, n}, DType: dtypes.Int32, Frozen: true},
		}, nil
	}
	alpha := float32(m.c.AlphaInit)
	out := []seam.Param{
		{Name: nameDiff, Shape: []int{rows, columns}}, {Name: nameAlpha, Shape: []int{rows, columns}, Fill: alpha},
	}
	if *m.c.Structured {
		out = append(out, seam.Param{Name: nameGroup, Shape: []int{1}, Fill: alpha})
	}
	return out, nil
}

// Weight implements seam.WeightHook.
func (m *method) Weight(at *seam.At, w seam.Affine) seam.Affine {
	var update *seam.Node
	if at.HasParam(nameValues) {
		update = places.Scatter(at, at.Param(nameValues), at.Param(namePlaces))
	} else {
		update = graph.Mul(at.Param(nameDiff), m.drawn(at, at.Param(nameAlpha)))
		if at.HasParam(nameGroup) {
			update = graph.Mul(update, graph.Reshape(m.drawn(at, at.Param(nameGroup))))
		}
	}
	w.Map = at.Plus(w.Map, places.Map(at, update))
	return w
}

// drawn gives gates of their α: drawn while training, and their middle otherwise.
func (m *method) drawn(at *seam.At, alpha *seam.Node) *seam.Node {
	if !at.Training() {
		return gate(alpha, nil, m.c.Lower, m.c.Upper)
	}
	return gate(alpha, at.Uniform(alpha.Shape().Dimensions...), m.c.Lower, m.c.Upper)
}

// gate is the hard-concrete gate of α for a draw u from (0, 1), or its middle for nil.
func gate(alpha, u *seam.Node, lower, upper float64) *seam.Node {
	if u != nil {
		alpha = graph.Add(alpha, graph.Sub(graph.Log(u), graph.Log(graph.OneMinus(u))))
	}
	stretched := graph.AddScalar(graph.MulScalar(graph.Sigmoid(alpha), upper-lower), lower)
	return graph.Min(graph.Max(stretched, graph.ZerosLike(stretched)), graph.OnesLike(stretched))
}

// open is the probability that a gate is not 0.
func open(alpha *seam.Node, lower, upper float64) *seam.Node {
	return graph.Sigmoid(graph.AddScalar(alpha, -math.Log(-lower/upper)))
}

// Penalty implements seam.Regularizer.
func (m *method) Penalty(at *seam.At) *seam.Node {
	if m.c.SparsityPenalty <= seam.Zero {
		return nil
	}
	var total *seam.Node
	grouped := map[string]bool{}
	for _, path := range at.SitesWith(nameGroup) {
		grouped[path] = true
	}
	for _, path := range at.SitesWith(nameAlpha) {
		count := graph.ReduceAllSum(open(at.ParamOf(path, nameAlpha), m.c.Lower, m.c.Upper))
		if grouped[path] {
			count = graph.Mul(count, graph.Reshape(open(at.ParamOf(path, nameGroup), m.c.Lower, m.c.Upper)))
		}
		if total == nil {
			total = count
		} else {
			total = graph.Add(total, count)
		}
	}
	if total == nil {
		return nil
	}
	return graph.MulScalar(total, m.c.SparsityPenalty)
}

// Initialize implements seam.Initializer: a file's places must be in the weight.
func (m *method) Initialize(in *seam.Init) error {
	return in.EachSite(func(s seam.Site) error {
		if !in.Has(s.Path, namePlaces) {
			return nil
		}
		indices, err := in.Ints(s.Path, namePlaces)
		if err != nil {
			return err
		}
		return places.Check(s, namePlaces, indices)
	})
}
