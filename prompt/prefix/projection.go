package prefix

import (
	"cmp"
	"fmt"
	"math"

	"github.com/gomlx/gomlx/core/graph"

	"github.com/gopeft/gopeft/peft/seam"
	"github.com/gopeft/gopeft/prompt"
)

// The layers of the projection, under HF PEFT's names.
const inner, outer = "prompt_encoder.transform.0", "prompt_encoder.transform.2"

// projection is what trains of a prefix that is projected. Linear maps start like torch's.
func (m *method) projection(v prompt.Virtual) []seam.Param {
	hidden, width := cmp.Or(m.c.EncoderHidden, v.TokenDim), 2*v.Layers*v.TokenDim
	param := func(name string, bound float64, shape ...int) seam.Param {
		p := seam.Param{Name: name, Key: name, Shape: shape}
		if bound > 0 {
			p.Init = seam.Uniform(bound)
		}
		return p
	}
	in, out := 1/math.Sqrt(float64(v.TokenDim)), 1/math.Sqrt(float64(hidden))
	if m.c.Init == zero {
		out = 0
	}
	return []seam.Param{
		{Name: prompt.Embedding, Key: prompt.Embedding, Shape: []int{v.Tokens, v.TokenDim}, Init: seam.Normal(1)},
		param(inner+".weight", in, hidden, v.TokenDim),
		param(inner+".bias", in, hidden),
		param(outer+".weight", out, width, hidden),
		param(outer+".bias", out, width),
	}
}

// prefix gives all keys and values [tokens, 2 layers width].
func (m *method) prefix(at *seam.At) *seam.Node {
	if at.HasGlobal(prompt.Embeddings) {
		return at.Global(prompt.Embeddings)
	}
	return at.Once("prefix", func() *seam.Node {
		return affine(at, graph.Tanh(affine(at, at.Global(prompt.Embedding), inner)), outer)
	})
}

func affine(at *seam.At, x *seam.Node, layer string) *seam.Node {
	y := at.Dense(x, at.Global(layer+".weight"))
	return graph.Add(y, at.Spread(at.Global(layer+".bias"), y))
}

// Export implements seam.Exporter: the fields that HF PEFT takes from the backbone are written, and what was projected
// stands for the projection.
func (m *method) Export(cfg seam.Config, in *seam.Export) (seam.Config, seam.Tensors, error) {
	c, ok := cfg.(*Config)
	if !ok {
		return nil, nil, fmt.Errorf("%w: %T is not prefix tuning's config", seam.ErrConfig, cfg)
	}
	stack, err := stackOf(in.Info, in.Sites)
	if err != nil {
		return nil, nil, err
	}
	if c.Virtual, err = c.Fill(stack.virtual()); err != nil {
		return nil, nil, err
	}
	c.EncoderHidden = cmp.Or(c.EncoderHidden, c.TokenDim)
	if in.Values[prompt.Embeddings] != nil {
		return c, in.Values, nil
	}
	flat, err := in.Compute(m.prefix)
	if err != nil {
		return nil, nil, err
	}
	for _, p := range m.projection(c.Virtual) {
		delete(in.Values, p.Key)
	}
	in.Values[prompt.Embeddings] = flat
	return c, in.Values, nil
}
