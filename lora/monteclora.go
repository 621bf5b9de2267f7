package lora

import (
	"math"
	"math/rand/v2"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"

	"github.com/gopeft/gopeft/peft/seam"
)

// MonteCLoRA is the setting of MonteCLoRA: while training, A is drawn around its value in each step, by a mixture of normal
// distributions whose widths and shares are learned, and the loss grows by how far these are from where they began. Outside of
// training all is LoRA. arXiv:2411.04358.
type MonteCLoRA struct {
	// Samples is the number of normal distributions. 0 means 8.
	Samples int `json:"num_samples" default:"8"`
	// Entropy adds the sum of the squared shares to the loss, so that none takes all.
	Entropy bool `json:"use_entropy" default:"false"`
	// Prior is the parameter of the Dirichlet distribution that the shares are held to. 0 means 0.1.
	Prior float64 `json:"dirichlet_prior" default:"0.1"`
	// Scale multiplies what is drawn. 0 means 1e-4.
	Scale float64 `json:"sample_scaler" default:"0.0001"`
	// Weight of the divergences in the loss. 0 means 1e-5, peft.Zero leaves them out.
	Weight float64 `json:"kl_loss_weight" default:"0.00001"`
	// Buffer is for HF PEFT, which draws that many steps ahead. Here each step draws its own. 0 means 150.
	Buffer int `json:"buffer_size" default:"150"`

	whole bool // write all, see filled
}

// UnmarshalJSON reads an object; an unknown key is an error.
func (c *MonteCLoRA) UnmarshalJSON(raw []byte) error { return readSettings(raw, c) }

// MarshalJSON writes what is set.
func (c MonteCLoRA) MarshalJSON() ([]byte, error) { return writeSettings(c, c.whole) }

func (c *MonteCLoRA) validate() error {
	if c == nil {
		return nil
	}
	set := seam.WithDefaults(*c)
	for _, v := range []struct {
		key string
		ok  bool
		is  any
	}{
		{"num_samples", set.Samples >= 1, set.Samples}, {"buffer_size", set.Buffer >= 1, set.Buffer},
		{"dirichlet_prior", set.Prior > 0 && !math.IsInf(set.Prior, 0), set.Prior},
		{"sample_scaler", set.Scale > 0 && !math.IsInf(set.Scale, 0), set.Scale},
		{"kl_loss_weight", set.Weight >= 0 && !math.IsInf(set.Weight, 0), set.Weight},
	} {
		if !v.ok {
			return seam.Fieldf(fieldMonteCLoRA, "%s is out of its range: %v", v.key, v.is)
		}
	}
	return nil
}

// Names of its values at a site: of what is drawn, logarithms of the widths [r] and of the shares [samples]; and what the last
// step drew, the variances [r, r] and the shares [samples].
const (
	nameWidths    = "lora_monteclora_sampler.std_prior"
	nameShares    = "lora_monteclora_sampler.expert_weights_prior"
	nameVariances = "lora_monteclora_sampler.gaussian_var_prior"
	nameDrawn     = "lora_monteclora_sampler.expert_weights"
)

func (c *MonteCLoRA) params(s seam.Site, r int) []seam.Param {
	n := seam.WithDefaults(*c).Samples
	uniform := func(r *rand.Rand, out []float32) {
		for i := range out {
			out[i] = r.Float32()
		}
	}
	return []seam.Param{
		{Site: s.Path, Name: nameWidths, Shape: []int{r}, Init: uniform},
		{Site: s.Path, Name: nameShares, Shape: []int{n}, Init: uniform},
		{Site: s.Path, Name: nameVariances, Shape: []int{r, r}, Moving: true, Buffer: true, Init: func(_ *rand.Rand, out []float32) {
			for i := range out {
				if out[i] = 0; i%(r+1) == 0 {
					out[i] = 1
				}
			}
		}},
		{Site: s.Path, Name: nameDrawn, Shape: []int{n}, Moving: true, Buffer: true, Init: func(_ *rand.Rand, out []float32) {
			for i := range out {
				out[i] = 1 / float32(n)
			}
		}},
	}
}

// sampled is A of a step of training: A + Scale Σₙ shareₙ zₙ, where each column of zₙ is normal with the variances.
func (m *method) sampled(at *seam.At, a *seam.Node) *seam.Node {
	if !at.Training() {
		return a
	}
	c := seam.WithDefaults(*m.c.MonteCLoRA)
	d := a.Shape().Dimensions
	variances, shares := m.variances(at, at.Site.Path), m.shares(at, at.Site.Path)
	z := graph.StopGradient(at.Normal(c.Samples, d[0], d[1]))
	mix := graph.ReduceSum(graph.Mul(z, graph.Reshape(shares, -1, 1, 1)), 0)
	index := func(axis int) *seam.Node { return graph.Iota(a.Graph(), shapes.Make(dtypes.Int32, d[0], d[0]), axis) }
	eye := graph.ConvertDType(graph.Equal(index(0), index(1)), a.DType())
	at.Move(nameVariances, graph.Mul(eye, graph.InsertAxes(variances, -1)))
	at.Move(nameDrawn, shares)
	return graph.Add(a, graph.MulScalar(graph.Mul(mix, graph.InsertAxes(graph.Sqrt(variances), -1)), c.Scale))
}

// variances are those [r] of this step at a site: the diagonal of a Wishart matrix of r degrees of freedom, whose entries are
// independent sums of r squared normals, scaled by the squared widths.
func (m *method) variances(at *seam.At, site string) *seam.Node {
	return at.Once("variances\x00"+site, func() *seam.Node {
		widths := at.ParamOf(site, nameWidths)
		r := widths.Shape().Dimensions[0]
		chi := graph.StopGradient(graph.ReduceSum(graph.Square(at.Normal(r, r)), 1))
		return graph.MaxScalar(graph.Mul(chi, graph.Exp(graph.MulScalar(widths, 2))), 1e-3)
	})
}

// shares are those [samples] of this step at a site: of the Dirichlet distribution's normal approximation before a softmax
// (MacKay 1998).
func (m *method) shares(at *seam.At, site string) *seam.Node {
	return at.Once("shares\x00"+site, func() *seam.Node {
		prior := at.ParamOf(site, nameShares)
		n := float64(prior.Shape().Dimensions[0])
		alpha := graph.MaxScalar(graph.Exp(prior), 1e-6)
		log := graph.Log(alpha)
		mean := graph.Sub(log, graph.ReduceAllMean(log))
		inverse := graph.Reciprocal(alpha)
		variance := graph.Add(graph.MulScalar(inverse, 1-2/n), graph.MulScalar(graph.ReduceAllSum(inverse), 1/(n*n)))
		deviation := graph.Sqrt(graph.AddScalar(graph.MaxScalar(variance, 1e-6), 1e-6))
		z := graph.StopGradient(at.Normal(prior.Shape().Dimensions[0]))
		return graph.Softmax(graph.Add(mean, graph.Mul(deviation, z)))
	})
}

// montePenalty is the mean over the sites of Weight times the divergences from the priors, and of the squared shares where
// Entropy asks for it.
func (m *method) montePenalty(at *seam.At) *seam.Node {
	c := seam.WithDefaults(*m.c.MonteCLoRA)
	sites := at.SitesWith(nameWidths)
	var total *seam.Node
	for _, site := range sites {
		term := graph.MulScalar(m.divergence(at, site, c), c.Weight)
		if c.Entropy {
			term = graph.Add(term, graph.ReduceAllSum(graph.Square(m.shares(at, site))))
		}
		if total == nil {
			total = term
		} else {
			total = graph.Add(total, term)
		}
	}
	return graph.DivScalar(total, float64(len(sites)))
}

// divergence is how far a site's shares, widths and variances are from where they began: a Dirichlet, a Wishart and normal
// distributions.
func (m *method) divergence(at *seam.At, site string, c MonteCLoRA) *seam.Node {
	widths := at.ParamOf(site, nameWidths)
	r := float64(widths.Shape().Dimensions[0])
	squares := graph.Exp(graph.MulScalar(widths, 2))
	spread := func(v *seam.Node) *seam.Node { // tr V - log det V - r
		return graph.AddScalar(graph.ReduceAllSum(graph.Sub(v, graph.Log(v))), -r)
	}
	return graph.Add(dirichlet(graph.Exp(at.ParamOf(site, nameShares)), c.Prior), graph.Add(
		graph.MulScalar(spread(squares), 0.5*r),
		graph.MulScalar(spread(m.variances(at, site)), 0.5*float64(c.Samples))))
}

// dirichlet is the divergence of a Dirichlet distribution from one whose parameters all are the prior.
func dirichlet(alpha *seam.Node, prior float64) *seam.Node {
	n := float64(alpha.Shape().Size())
	sum := graph.ReduceAllSum(alpha)
	whole, _ := math.Lgamma(n * prior)
	each, _ := math.Lgamma(prior)
	logs := graph.Sub(logGamma(sum), graph.ReduceAllSum(logGamma(alpha)))
	means := graph.Sub(digamma(alpha), graph.BroadcastToDims(digamma(sum), alpha.Shape().Dimensions...))
	return graph.Add(graph.AddScalar(logs, n*each-whole), graph.ReduceAllSum(graph.Mul(graph.AddScalar(alpha, -prior), means)))
}

// shift moves arguments to where the asymptotic series of the gamma function are exact in float32.
const shift = 6

// logGamma is log Γ(x) for x > 0: Stirling's series (Abramowitz and Stegun 6.1.41) at x + 6.
func logGamma(x *seam.Node) *seam.Node {
	y := graph.AddScalar(x, shift)
	i := graph.Reciprocal(y)
	square := graph.Square(i)
	series := graph.Mul(i, graph.AddScalar(graph.Mul(square, graph.AddScalar(graph.MulScalar(square, 1.0/1260), -1.0/360)), 1.0/12))
	out := graph.Add(graph.Sub(graph.Mul(graph.AddScalar(y, -0.5), graph.Log(y)), y), graph.AddScalar(series, 0.5*math.Log(2*math.Pi)))
	for k := range shift {
		out = graph.Sub(out, graph.Log(graph.AddScalar(x, float64(k))))
	}
	return out
}

// digamma is its derivative (6.3.18).
func digamma(x *seam.Node) *seam.Node {
	y := graph.AddScalar(x, shift)
	i := graph.Reciprocal(y)
	square := graph.Square(i)
	series := graph.Mul(square, graph.AddScalar(graph.Mul(square, graph.AddScalar(graph.MulScalar(square, -1.0/252), 1.0/120)), -1.0/12))
	out := graph.Add(graph.Sub(graph.Log(y), graph.MulScalar(i, 0.5)), series)
	for k := range shift {
		out = graph.Sub(out, graph.Reciprocal(graph.AddScalar(x, float64(k))))
	}
	return out
}
