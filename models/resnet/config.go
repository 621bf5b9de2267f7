package resnet

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/gopeft/gopeft/models/arch"
	"github.com/gopeft/gopeft/peft/seam"
)

// Family makes the models of model_type "resnet"; package models opens them.
var Family = arch.Family{
	ModelType: "resnet",
	Prefix:    "resnet",
	Tasks: map[string]string{
		"ResNetModel":                  arch.Encoder,
		"ResNetForImageClassification": arch.ImageClass,
	},
	New: newNetwork,
}

// network is ResNet for one config and task. It holds no values.
type network struct {
	info       seam.Info
	at         string // the encoder's prefix, "resnet." or ""
	channels   int
	embedding  int   // channels that the embedder makes
	widths     []int // channels of each stage
	depths     []int // layers of each stage
	bottleneck bool
	// Which convolution of a stage's first layer leaves pixels out.
	inFirstStage, inBottleneck bool
	activation                 func(*seam.Node) *seam.Node
	head                       *arch.SequenceHead // nil when bare
	problem                    string
}

func newNetwork(c *arch.Config, task string) (arch.Network, error) {
	n := &network{
		channels: c.Size("num_channels", 3), embedding: c.Size("embedding_size", 64),
		widths: sizes(c, "hidden_sizes", 256, 512, 1024, 2048), depths: sizes(c, "depths", 3, 4, 6, 3),
		inFirstStage: arch.Get(c, "downsample_in_first_stage", false), inBottleneck: arch.Get(c, "downsample_in_bottleneck", false),
		activation: c.Activation("hidden_act", "relu"), problem: arch.Get(c, "problem_type", ""),
	}
	c.PlainEncoder()
	switch kind := arch.Get(c, "layer_type", "bottleneck"); kind {
	case "basic":
	case "bottleneck":
		n.bottleneck = true
		if least := slices.Min(n.widths); least < reduction {
			c.Failf("hidden_sizes", "%d channels can't be reduced to a quarter", least)
		}
	default:
		c.Failf("layer_type", "%q is neither basic nor bottleneck", kind)
	}
	if len(n.depths) != len(n.widths) {
		c.Failf("depths", "are %d stages, hidden_sizes %d", len(n.depths), len(n.widths))
	}
	n.info = seam.Info{ModelType: "resnet", Head: task, Hidden: n.widths[len(n.widths)-1]}
	for _, d := range n.depths {
		n.info.Layers += d
	}
	if task != arch.Encoder {
		n.at, n.info.Prefix, n.info.Classes = "resnet.", "resnet", c.Classes()
		n.head = &arch.SequenceHead{Classifier: "classifier.1", Hidden: n.info.Hidden, Classes: len(n.info.Classes), Problem: n.problem}
	}
	return n, c.Err()
}

// sizes reads a list of positive numbers.
func sizes(c *arch.Config, field string, def ...int) []int {
	const most = 1 << 16
	out := arch.Get(c, field, def)
	if len(out) == 0 || len(out) > most {
		c.Failf(field, "want between 1 and %d numbers, got %d", most, len(out))
		return def
	}
	for _, n := range out {
		if n < 1 || n > most {
			c.Failf(field, "must be between 1 and %d, is %d", most, n)
			return def
		}
	}
	return out
}

// reduction is how many times fewer channels a bottleneck has inside.
const reduction = 4

// unit is a convolution without a bias and a batch norm.
type unit struct {
	path                    string // of both
	in, out, kernel, stride int
	padding                 int
	activation              func(*seam.Node) *seam.Node // nil is none
}

// layer is a residual layer: units one after the other, and the unit that what goes by them takes, where shapes differ.
type layer struct {
	units    []unit
	shortcut *unit
}

func (n *network) embedder() unit {
	return unit{n.at + "embedder.embedder", n.channels, n.embedding, 7, 2, 3, n.activation}
}

// layers gives all residual layers in their order. Within a layer transformers has a ReLU whatever hidden_act says.
func (n *network) layers() []layer {
	relu, _ := arch.Activation("relu")
	var out []layer
	in := n.embedding
	for stage, width := range n.widths {
		for i := range n.depths[stage] {
			stride := 1
			if i == 0 && (stage > 0 || n.inFirstStage) {
				stride = 2
			}
			at := fmt.Sprintf("%sencoder.stages.%d.layers.%d.", n.at, stage, i)
			var l layer
			add := func(from, to, kernel, stride int, activation func(*seam.Node) *seam.Node) {
				l.units = append(l.units, unit{at + "layer." + strconv.Itoa(len(l.units)), from, to, kernel, stride, kernel / 2, activation})
			}
			if n.bottleneck {
				inner, first, second := width/reduction, 1, stride
				if n.inBottleneck && i == 0 {
					first, second = stride, 1
				}
				add(in, inner, 1, first, relu)
				add(inner, inner, 3, second, relu)
				add(inner, width, 1, 1, nil)
			} else {
				add(in, width, 3, stride, relu)
				add(width, width, 3, 1, nil)
			}
			if in != width || stride != 1 {
				l.shortcut = &unit{path: at + "shortcut", in: in, out: width, kernel: 1, stride: stride}
			}
			out, in = append(out, l), width
		}
	}
	return out
}
