package vit

import (
	"slices"

	"github.com/gopeft/gopeft/models/arch"
	"github.com/gopeft/gopeft/peft/seam"
)

// Paths at the bottom: two values that belong to no site, and the convolution that maps patches.
const (
	classToken     = "embeddings.cls_token"
	positionValues = "embeddings.position_embeddings"
	projection     = "embeddings.patch_embeddings.projection"
)

// project is the map of each patch, a convolution whose kernels lie side by side.
func (n *network) project() seam.Site {
	side := []int{n.patch.height, n.patch.width}
	return seam.Site{
		Path: n.at + projection, Kind: seam.Conv, Role: "embedding", Layer: -1, In: n.channels, Out: n.info.Hidden,
		Conv: &seam.Convolution{Kernel: side, Stride: side, Padding: []int{0, 0}, Dilation: []int{1, 1}, Groups: 1},
	}
}

// patches counts the patches of an image.
func (n *network) patches() int {
	return n.image.height / n.patch.height * (n.image.width / n.patch.width)
}

// norm is the last one's path.
func (n *network) norm() string { return n.at + "layernorm" }

// Sites implements seam.Model.
func (n *network) Sites() []seam.Site {
	out := n.blocks.Sites()
	for i, old := range n.stored().Sites() {
		out[i].Alias = old.Path
	}
	return slices.Concat([]seam.Site{n.project()}, out, []seam.Site{n.last()}, n.head.Sites())
}

func (n *network) last() seam.Site {
	return seam.Site{Path: n.norm(), Kind: seam.Norm, Role: "norm", Layer: -1, In: n.info.Hidden, Out: n.info.Hidden}
}

// Values implements arch.Network.
func (n *network) Values() []arch.Value {
	h := n.info.Hidden
	out := []arch.Value{
		{Path: n.at + classToken, Shape: []int{1, 1, h}},
		{Path: n.at + positionValues, Shape: []int{1, 1 + n.patches(), h}},
	}
	out = append(out, arch.SiteValues([]seam.Site{n.project()})...)
	old := arch.SiteValues(n.stored().Sites())
	bare := n.unbiased()
	for i, v := range arch.SiteValues(n.blocks.Sites()) {
		if v.Stored = old[i].Path; !bare[v.Path] {
			out = append(out, v)
		}
	}
	return append(append(out, arch.SiteValues([]seam.Site{n.last()})...), n.head.Values()...)
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
