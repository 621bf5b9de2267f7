package pefttest

import (
	"cmp"
	"fmt"

	"github.com/gomlx/gomlx/core/graph"

	"github.com/gopeft/gopeft/peft/seam"
)

// Mirror implements seam.Mirrored: blocks of a feed-forward and its residual, without attention.
func (tiny) Mirror(s seam.Sizes) (*seam.Mirror, error) {
	layers, width, wide := cmp.Or(s.Layers, 1), cmp.Or(s.Hidden, hidden), cmp.Or(s.Inner, inner)
	if s.Layers > 8 || s.Hidden > 64 || s.Inner > 64 || s.Heads > 64 {
		return nil, seam.Fieldf("shadow_model", "more than 8 layers, or 64 wide")
	}
	const words = "embeddings.word_embeddings"
	m := &seam.Mirror{Hidden: width, Words: words}
	m.Values = append(m.Values, seam.MirrorValue{Path: words + ".weight", Shape: []int{vocab, width}, Init: seam.Normal(0.5)})
	up, down := func(i int) string { return fmt.Sprintf("layer.%d.up", i) }, func(i int) string { return fmt.Sprintf("layer.%d.down", i) }
	for i := range layers {
		m.Sites = append(m.Sites,
			seam.Site{Path: up(i), Kind: seam.Linear, Role: "up", Layer: i, In: width, Out: wide},
			seam.Site{Path: down(i), Kind: seam.Linear, Role: "down", Layer: i, In: wide, Out: width})
		m.Values = append(m.Values,
			seam.MirrorValue{Path: up(i) + ".weight", Shape: []int{wide, width}, Init: seam.Normal(0.5)},
			seam.MirrorValue{Path: down(i) + ".weight", Shape: []int{width, wide}, Init: seam.Normal(0.5)})
	}
	m.Forward = func(c *seam.Call, seq seam.Sequence) *seam.Node {
		x := seq.Embeds
		for i := range layers {
			x = graph.Add(x, c.Linear(down(i), graph.Tanh(c.Linear(up(i), x))))
		}
		return x
	}
	return m, nil
}
