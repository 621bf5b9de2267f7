package arch

import (
	"fmt"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"

	"github.com/gopeft/gopeft/peft/seam"
)

// SpeechFeatures are the convolutions that make frames of a waveform.
type SpeechFeatures struct {
	// Path of the layers, which the index follows: "wav2vec2.feature_extractor.conv_layers.".
	Path string
	// Channels, Kernels and Strides of the layers, equally many.
	Channels, Kernels, Strides []int
	Bias                       bool
	// LayerNorm normalises the channels after every convolution; else the first one's output is normalised over time.
	LayerNorm  bool
	Activation func(*seam.Node) *seam.Node
}

// featureEps is torch's default, which no config changes.
const featureEps = 1e-5

// Forward makes [batch, channels, frames] of a waveform [batch, samples]. Graph-building.
func (f *SpeechFeatures) Forward(c *seam.Call, wave *seam.Node) *seam.Node {
	x := graph.InsertAxes(graph.ConvertDType(wave, dtypes.Float32), 1)
	for i := range f.Channels {
		x = c.Conv(f.conv(i), x)
		switch {
		case f.LayerNorm:
			x = graph.TransposeAllAxes(x, 0, 2, 1)
			x = graph.TransposeAllAxes(c.Norm(f.norm(i), x, featureEps), 0, 2, 1)
		case i == 0:
			x = c.ChannelNorm(f.norm(i), x, featureEps)
		}
		x = f.Activation(x)
	}
	return x
}

// Mask tells the frames of x [batch, frames, hidden] that hear no padding: bool [batch, frames], from the mask of samples
// [batch, samples], which may be nil.
func (f *SpeechFeatures) Mask(x, samples *seam.Node) *seam.Node {
	g, d := x.Graph(), x.Shape().Dimensions
	if samples == nil {
		return graph.BroadcastToDims(graph.Const(g, true), d[0], d[1])
	}
	n := graph.ReduceSum(graph.ConvertDType(samples, dtypes.Int32), 1)
	for i, kernel := range f.Kernels {
		n = graph.AddScalar(graph.Div(graph.AddScalar(n, -kernel), graph.Scalar(g, dtypes.Int32, f.Strides[i])), 1)
	}
	shape := shapes.Make(dtypes.Int32, d[0], d[1])
	return graph.LessThan(graph.Iota(g, shape, 1), graph.BroadcastToShape(graph.InsertAxes(n, -1), shape))
}

// Frames of so many samples; 0 where they are fewer than one frame hears.
func (f *SpeechFeatures) Frames(samples int) int {
	for i, kernel := range f.Kernels {
		if samples < kernel {
			return 0
		}
		samples = (samples-kernel)/f.Strides[i] + 1
	}
	return samples
}

// Shortest is the number of samples that one frame hears.
func (f *SpeechFeatures) Shortest() int {
	n := 1
	for i := len(f.Kernels) - 1; i >= 0; i-- {
		n = (n-1)*f.Strides[i] + f.Kernels[i]
	}
	return n
}

func (f *SpeechFeatures) conv(i int) string { return fmt.Sprintf("%s%d.conv", f.Path, i) }
func (f *SpeechFeatures) norm(i int) string { return fmt.Sprintf("%s%d.layer_norm", f.Path, i) }

// lay adds the layers' sites and values.
func (f *SpeechFeatures) lay(l *Layout) {
	in := 1
	for i, out := range f.Channels {
		l.Conv(seam.Site{Path: f.conv(i), Role: "feature", Layer: -1, In: in, Out: out, Conv: &seam.Convolution{
			Kernel: []int{f.Kernels[i]}, Stride: []int{f.Strides[i]}, Padding: []int{0}, Dilation: []int{1}, Groups: 1,
		}}, f.Bias)
		if f.LayerNorm || i == 0 {
			l.Norm(f.norm(i), -1, out, true)
		}
		in = out
	}
}
