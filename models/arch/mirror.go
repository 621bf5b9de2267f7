package arch

import (
	"math/rand/v2"
	"strings"

	"github.com/gopeft/gopeft/peft/seam"
)

var _ seam.Mirrored = (*Decoder)(nil)

// sizeFields are the names of a config's sizes, Llama's and GPT-2's.
var sizeFields = []struct {
	names [2]string
	size  func(seam.Sizes) int
}{
	{[2]string{"num_hidden_layers", "n_layer"}, func(s seam.Sizes) int { return s.Layers }},
	{[2]string{"hidden_size", "n_embd"}, func(s seam.Sizes) int { return s.Hidden }},
	{[2]string{"num_attention_heads", "n_head"}, func(s seam.Sizes) int { return s.Heads }},
	{[2]string{"intermediate_size", "n_inner"}, func(s seam.Sizes) int { return s.Inner }},
}

// Mirror implements seam.Mirrored: the bare model of the same config with other sizes, as HF PEFT makes it.
func (d *Decoder) Mirror(s seam.Sizes) (*seam.Mirror, error) {
	if d.Again == nil {
		return nil, &seam.UnsupportedError{Option: "a small network beside a model that was not made from a config"}
	}
	small, c, err := d.Again(func(c *Config) {
		for _, f := range sizeFields {
			if n := f.size(s); n != 0 {
				c.Set(f.names[0], n)
				c.Set(f.names[1], n)
			}
		}
		if d.KeepsHeadDim {
			c.Set("head_dim", d.About.HeadDim)
		}
		if types := Get(c, "layer_types", []string{}); s.Layers > 0 && len(types) > 0 {
			for len(types) < s.Layers {
				types = append(types, types[len(types)-1])
			}
			c.Set("layer_types", types[:s.Layers])
		}
	})
	if err != nil {
		return nil, seam.Fieldf("shadow_model", "no network of these sizes: %v", err)
	}
	_, llama := small.Stack.(*LlamaBlocks)
	l := small.layout()
	m := &seam.Mirror{
		Hidden: small.About.Hidden, Words: small.Words, EmbedScale: small.EmbedScale, KeepsWords: !llama, Sites: l.Sites,
		Forward: small.Stack.Forward,
	}
	normal := seam.Normal(Get(c, "initializer_range", 0.02))
	for _, v := range l.Values {
		to := seam.MirrorValue{Path: v.Path, Shape: v.Shape, Swapped: v.FanInFanOut}
		if v.FanInFanOut {
			to.Shape = []int{v.Shape[1], v.Shape[0]}
		}
		switch {
		case v.Ones:
			to.Fill = 1
		case v.Path == small.Words+".weight" && llama && small.Pad >= 0:
			to.Init = padded(normal, small.Pad, v.Shape[1])
		case !v.Zeros && !strings.HasSuffix(v.Path, ".bias"):
			to.Init = normal
		}
		m.Values = append(m.Values, to)
	}
	return m, nil
}

// padded draws a table whose row of the padding token is 0.
func padded(draw func(*rand.Rand, []float32), row, width int) func(*rand.Rand, []float32) {
	return func(r *rand.Rand, out []float32) {
		draw(r, out)
		if to := (row + 1) * width; to <= len(out) {
			clear(out[row*width : to])
		}
	}
}
