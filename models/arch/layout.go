package arch

import "github.com/gopeft/gopeft/peft/seam"

// Layout collects a network's sites, where adapters may act, together with the values that belong to them. Its methods each
// add one module, in the order of transformers' named_modules. The zero value is empty.
type Layout struct {
	Sites  []seam.Site
	Values []Value
}

// Place adds a site without values, as one between modules.
func (l *Layout) Place(s seam.Site) { l.Sites = append(l.Sites, s) }

// Linear adds a linear map s.In to s.Out. Its weight stands in files as s.FanInFanOut says.
func (l *Layout) Linear(s seam.Site, bias bool) {
	s.Kind = seam.Linear
	l.Sites = append(l.Sites, s)
	values := Linear(s.Path, s.In, s.Out)
	values[0].FanInFanOut = s.FanInFanOut
	if !bias {
		values = values[:1]
	}
	l.Values = append(l.Values, values...)
}

// Conv adds a convolution of s.In to s.Out channels with the geometry s.Conv.
func (l *Layout) Conv(s seam.Site, bias bool) {
	s.Kind = seam.Conv
	l.Sites = append(l.Sites, s)
	l.Values = append(l.Values, Conv(s, bias)...)
}

// Embedding adds an embedding of rows of some width.
func (l *Layout) Embedding(path, role string, rows, width int) {
	l.Sites = append(l.Sites, seam.Site{Path: path, Kind: seam.Embedding, Role: role, Layer: -1, In: rows, Out: width})
	l.Values = append(l.Values, Value{Path: path + ".weight", Shape: []int{rows, width}})
}

// Norm adds a norm of some width, in a block or (layer -1) outside.
func (l *Layout) Norm(path string, layer, width int, bias bool) {
	l.Sites = append(l.Sites, seam.Site{Path: path, Kind: seam.Norm, Role: "norm", Layer: layer, In: width, Out: width})
	values := Norm(path, width)
	if !bias {
		values = values[:1]
	}
	l.Values = append(l.Values, values...)
}

// Blocks adds a stack of encoder layers.
func (l *Layout) Blocks(e *EncoderBlocks) {
	sites := e.Sites()
	l.Sites = append(l.Sites, sites...)
	l.Values = append(l.Values, SiteValues(sites)...)
}

// BatchNorm adds a batch norm of so many channels, in a block or (layer -1) outside.
func (l *Layout) BatchNorm(path string, layer, channels int) {
	l.Sites = append(l.Sites, seam.Site{Path: path, Kind: seam.Norm, Role: "norm", Layer: layer, In: channels, Out: channels, Running: true})
	l.Values = append(append(l.Values, Norm(path, channels)...),
		Value{Path: path + "." + seam.RunningMean, Shape: []int{channels}, Zeros: true},
		Value{Path: path + "." + seam.RunningVar, Shape: []int{channels}, Ones: true},
		Value{Path: path + "." + seam.BatchesTracked, Count: true, Optional: true})
}
