package resnet

import (
	"github.com/gopeft/gopeft/models/arch"
	"github.com/gopeft/gopeft/peft/seam"
)

// Sites implements seam.Model.
func (n *network) Sites() []seam.Site { return n.layout().Sites }

// Values implements arch.Network.
func (n *network) Values() []arch.Value { return n.layout().Values }

func (n *network) layout() *arch.Layout {
	l := &arch.Layout{}
	first := n.embedder()
	first.layout(l, -1)
	for i, layer := range n.layers() {
		if layer.shortcut != nil {
			layer.shortcut.layout(l, i)
		}
		for _, u := range layer.units {
			u.layout(l, i)
		}
	}
	if n.head != nil {
		l.Sites, l.Values = append(l.Sites, n.head.Sites()...), append(l.Values, n.head.Values()...)
	}
	return l
}

func (u *unit) convolution() string   { return u.path + ".convolution" }
func (u *unit) normalization() string { return u.path + ".normalization" }

func (u *unit) layout(l *arch.Layout, layer int) {
	two := func(n int) []int { return []int{n, n} }
	l.Conv(seam.Site{Path: u.convolution(), Role: "convolution", Layer: layer, In: u.in, Out: u.out, Conv: &seam.Convolution{
		Kernel: two(u.kernel), Stride: two(u.stride), Padding: two(u.padding), Dilation: two(1), Groups: 1,
	}}, false)
	l.BatchNorm(u.normalization(), layer, u.out)
}
