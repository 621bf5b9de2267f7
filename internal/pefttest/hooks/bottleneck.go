package hooks

import (
	"github.com/gomlx/gomlx/core/graph"

	"github.com/gopeft/gopeft/peft/seam"
)

// Bottleneck is AdapterHub's seq_bn: after each feed-forward block, where r is what stands in front of the block,
//
//	h' = h + up(relu(down(norm(h + r))))
//
// and the block's own residual and norm follow. HF PEFT has no such method, so its peft_type is this package's own.
type Bottleneck struct {
	seam.Common

	// Reduction is the block's width over the bottleneck's; 0 means 16.
	Reduction int `json:"reduction_factor" default:"16"`
	// Name is the adapter's in AdapterHub's keys; "" means "a".
	Name string `json:"name" default:"\"a\""`
}

func init() {
	seam.Register(seam.Spec{New: func() seam.Config { return new(Bottleneck) }})
}

// PEFTType implements seam.Config.
func (*Bottleneck) PEFTType() string { return "BOTTLENECK" }

// Method implements seam.Config.
func (c *Bottleneck) Method() (seam.Method, error) {
	m := &bottleneck{c: seam.WithDefaults(*c)}
	if m.c.Reduction < 1 {
		return nil, seam.Fieldf("reduction_factor", "must be at least 1, is %d", m.c.Reduction)
	}
	return m, nil
}

const (
	downWeight, downBias = "adapter_down.0.weight", "adapter_down.0.bias"
	upWeight, upBias     = "adapter_up.weight", "adapter_up.bias"
)

type bottleneck struct{ c Bottleneck }

var (
	_ seam.SublayerHook = (*bottleneck)(nil)
	_ seam.Rower        = (*bottleneck)(nil)
)

func (m *bottleneck) GraphKey() string { return "" }

// RowsOK implements seam.Rower: an up of zeros adds nothing.
func (m *bottleneck) RowsOK() bool { return true }

// SavedPrefix makes the saved head's keys plain paths, as AdapterHub's.
func (m *bottleneck) SavedPrefix() string { return "" }

func (m *bottleneck) Plan(b *seam.Blueprint) (*seam.Plan, error) {
	plan := &seam.Plan{}
	for _, s := range b.OfKind(seam.Sublayer) {
		if s.Role != "feedforward" {
			continue
		}
		inner := max(1, s.Out/m.c.Reduction)
		add := func(name string, init float64, shape ...int) {
			p := seam.Param{Site: s.Path, Name: name, Key: s.Path + ".adapters." + m.c.Name + "." + name, Shape: shape}
			if init > 0 {
				p.Init = seam.Normal(init)
			}
			plan.Params = append(plan.Params, p)
		}
		plan.Sites = append(plan.Sites, s.Path)
		add(downWeight, 0.02, inner, s.Out)
		add(downBias, 0, inner)
		add(upWeight, 0.02, s.Out, inner)
		add(upBias, 0, s.Out)
	}
	return plan, nil
}

func (m *bottleneck) Sublayer(at *seam.At, io seam.SublayerIO, h *seam.Node) *seam.Node {
	z := graph.Add(h, io.Residual)
	if io.Norm != nil {
		z = io.Norm(z)
	}
	z = affine(at, z, downWeight, downBias)
	z = graph.Max(z, graph.ZerosLike(z))
	return graph.Add(h, affine(at, z, upWeight, upBias))
}

func affine(at *seam.At, x *seam.Node, weight, bias string) *seam.Node {
	y := at.Dense(x, at.Param(weight))
	return graph.Add(y, at.Spread(at.Param(bias), y))
}
