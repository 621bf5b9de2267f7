package lora

import (
	"math"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/graph"

	"github.com/gopeft/gopeft/internal/torchrand"
	"github.com/gopeft/gopeft/peft/seam"
)

// Arrow is the setting of Arrow, which routes each token to those of several trained LoRAs whose main direction it lies
// nearest to, without training. [NewArrow] makes an adapter of it from the LoRAs' folders. Ostapenko et al. 2024,
// arXiv:2405.11157; with Subtract: GenKnowSub, aclanthology.org/2025.acl-short.54.
type Arrow struct {
	// TopK is to how many LoRAs each token goes. 0 means 3.
	TopK int `json:"top_k" default:"3"`
	// Temperature divides the nearness before a softmax makes shares of it. 0 means 1.
	Temperature float64 `json:"router_temperature" default:"1.0"`
	// Subtract takes the mean of the general LoRAs from each of the others first, so that these hold what is their own.
	Subtract bool `json:"use_gks" default:"false"`
	// Tasks and General name the LoRAs; NewArrow sets them.
	Tasks   []string `json:"task_adapter_names" default:"null"`
	General []string `json:"gks_adapter_names" default:"null"`
	// Seed, where it is set, seeks each main direction as HF PEFT does for this rng_seed, by 15 rounds from torch's draw of a
	// start. nil means the direction itself.
	Seed *int64 `json:"rng_seed" default:"null"`

	whole bool // write all, see filled
}

// UnmarshalJSON reads an object; an unknown key is an error.
func (a *Arrow) UnmarshalJSON(raw []byte) error { return readSettings(raw, a) }

// MarshalJSON writes what is set.
func (a Arrow) MarshalJSON() ([]byte, error) { return writeSettings(a, a.whole) }

func (a *Arrow) validate() error {
	if a == nil {
		return nil
	}
	set := seam.WithDefaults(*a)
	switch {
	case set.TopK < 1:
		return seam.Fieldf(fieldArrow, "top_k must be at least 1, is %d", set.TopK)
	case !(set.Temperature > 0) || math.IsInf(set.Temperature, 0):
		return seam.Fieldf(fieldArrow, "router_temperature must be above 0, is %v", set.Temperature)
	case len(set.Tasks) == 0:
		return seam.Fieldf(fieldArrow, "names no adapter to route among: NewArrow makes the config from their folders")
	case set.TopK > len(set.Tasks):
		return seam.Fieldf(fieldArrow, "top_k %d is more than the %d adapters", set.TopK, len(set.Tasks))
	case set.Subtract && len(set.General) == 0:
		return seam.Fieldf(fieldArrow, "use_gks needs general adapters")
	}
	return nil
}

// Names of a site's values: the A's [adapters, r, in] and B's [adapters, out, r] of all, their main directions [adapters, in]
// and scales [adapters]. A file holds them, so that it needs no other.
const arrowA, arrowB, arrowDirections, arrowScales = "arrow_A", "arrow_B", "arrow_prototypes", "arrow_scales"

// route adds to y what the adapters make of x [batch, …, in], each token's own mixture of them.
func (m *method) route(at *seam.At, x, y *seam.Node) *seam.Node {
	set := seam.WithDefaults(*m.c.Arrow)
	a, b := at.Param(arrowA), at.Param(arrowB)
	d := a.Shape().Dimensions
	adapters, r := d[0], d[1]
	shares := routes(graph.Abs(at.Dense(x, at.Param(arrowDirections))), set.TopK, set.Temperature)
	shares = graph.Mul(shares, graph.ExpandLeftToRank(at.Param(arrowScales), shares.Rank()))
	inner := at.Dense(x, graph.Reshape(a, adapters*r, d[2])) // [batch, …, adapters r]
	dims := inner.Shape().Clone().Dimensions
	each := graph.Mul(graph.Reshape(inner, append(dims[:len(dims)-1:len(dims)-1], adapters, r)...), graph.InsertAxes(shares, -1))
	all := graph.Reshape(graph.TransposeAllAxes(b, 1, 0, 2), at.Site.Out, adapters*r)
	return graph.Add(y, at.Dropout(at.Dense(graph.Reshape(each, dims...), all), m.c.Dropout))
}

// routes are the shares of the k nearest, of near [batch, …, adapters]; of those as near the first ones.
func routes(near *seam.Node, k int, temperature float64) *seam.Node {
	n := near.Shape().Dimensions[near.Rank()-1]
	dims := append(near.Shape().Clone().Dimensions, n)
	one, other := graph.BroadcastToDims(graph.InsertAxes(near, -1), dims...), graph.BroadcastToDims(graph.InsertAxes(near, -2), dims...)
	shape := near.Shape().Clone()
	shape.DType, shape.Dimensions = dtypes.Int32, dims
	before := graph.LessThan(graph.Iota(near.Graph(), shape, -1), graph.Iota(near.Graph(), shape, len(dims)-2))
	ahead := graph.LogicalOr(graph.GreaterThan(other, one), graph.LogicalAnd(graph.Equal(other, one), before))
	place := graph.ReduceSum(graph.ConvertDType(ahead, dtypes.Int32), -1)
	kept := graph.LessThan(place, graph.Scalar(near.Graph(), dtypes.Int32, k))
	scores := graph.Exp(graph.DivScalar(graph.Sub(near, graph.ReduceAndKeep(near, graph.ReduceMax, -1)), temperature))
	scores = graph.Where(kept, scores, graph.ZerosLike(scores))
	return graph.Div(scores, graph.ReduceAndKeep(scores, graph.ReduceSum, -1))
}

// mainDirection is the right singular vector of the largest singular value of B A: by rounds of v ← Aᵀ Bᵀ B A v.
func mainDirection(a, b []float32, r, in int, seed *int64) []float32 {
	rounds := 1000
	v := make([]float32, in)
	if seed != nil {
		rounds = 15
		torchrand.NewGenerator(*seed).Normal(v, 0, 1)
	} else {
		for i := range v {
			v[i] = a[i] // a row of A: no vector that BA takes to 0
			for k := 1; k < r; k++ {
				v[i] += a[k*in+i] / float32(k+1)
			}
		}
	}
	out := len(b) / r
	gram := make([]float64, r*r)
	for o := range out {
		for i := range r {
			for j := range r {
				gram[i*r+j] += float64(b[o*r+i]) * float64(b[o*r+j])
			}
		}
	}
	at := toFloat64(v)
	normalise(at)
	z := make([]float64, r)
	for range rounds {
		for k := range r {
			z[k] = 0
			for i := range at {
				z[k] += float64(a[k*in+i]) * at[i]
			}
		}
		last := append([]float64{}, at...)
		for i := range at {
			at[i] = 0
			for k := range r {
				for l := range r {
					at[i] += float64(a[k*in+i]) * gram[k*r+l] * z[l]
				}
			}
		}
		normalise(at)
		moved := 0.0
		for i := range at {
			moved = max(moved, math.Abs(at[i]-last[i]))
		}
		if moved < 1e-12 {
			break
		}
	}
	for i, x := range at {
		v[i] = float32(x)
	}
	return v
}

func normalise(v []float64) {
	square := 0.0
	for _, x := range v {
		square += x * x
	}
	length := math.Sqrt(square) + 1e-8
	for i := range v {
		v[i] /= length
	}
}
