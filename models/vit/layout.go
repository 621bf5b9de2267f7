package vit

import (
	"github.com/gopeft/gopeft/models/arch"
	"github.com/gopeft/gopeft/peft"
)

// Paths of the values at the bottom, which belong to no site.
const (
	classToken     = "embeddings.cls_token"
	positionValues = "embeddings.position_embeddings"
	projection     = "embeddings.patch_embeddings.projection"
)

// patches counts the patches of an image.
func (n *network) patches() int {
	return n.image.height / n.patch.height * (n.image.width / n.patch.width)
}

// norm is the last one's path.
func (n *network) norm() string { return n.at + "layernorm" }

// Sites implements peft.Model.
func (n *network) Sites() []peft.Site {
	out := n.blocks.Sites()
	for i, old := range n.stored().Sites() {
		out[i].Alias = old.Path
	}
	return append(append(out, n.last()), n.head.Sites()...)
}

func (n *network) last() peft.Site {
	return peft.Site{Path: n.norm(), Kind: peft.Norm, Role: "norm", Layer: -1, In: n.info.Hidden, Out: n.info.Hidden}
}

// Values implements arch.Network.
func (n *network) Values() []arch.Value {
	h := n.info.Hidden
	out := []arch.Value{
		{Path: n.at + classToken, Shape: []int{1, 1, h}},
		{Path: n.at + positionValues, Shape: []int{1, 1 + n.patches(), h}},
		{Path: n.at + projection + ".weight", Shape: []int{h, n.channels, n.patch.height, n.patch.width}},
		{Path: n.at + projection + ".bias", Shape: []int{h}},
	}
	old := arch.SiteValues(n.stored().Sites())
	bare := n.unbiased()
	for i, v := range arch.SiteValues(n.blocks.Sites()) {
		if v.Stored = old[i].Path; !bare[v.Path] {
			out = append(out, v)
		}
	}
	return append(append(out, arch.SiteValues([]peft.Site{n.last()})...), n.head.Values()...)
}

// unbiased are the biases that the config leaves out: those of queries, keys and values.
func (n *network) unbiased() map[string]bool {
	out := map[string]bool{}
	for _, s := range n.blocks.Sites() {
		if !n.qkvBias && (s.Role == "query" || s.Role == "key" || s.Role == "value") {
			out[s.Path+".bias"] = true
		}
	}
	return out
}
