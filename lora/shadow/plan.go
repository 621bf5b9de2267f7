package shadow

import (
	"math"
	"slices"

	"github.com/gopeft/gopeft/peft/seam"
)

// Names of values. Files keep HF PEFT's name of the adapter, "default", inside their keys.
const (
	nameDown   = "shadow_down.default.weight"       // [r, hidden]
	nameUp     = "shadow_up.default.weight"         // [hidden, r]
	transform  = "shadow_update_transform.default." // a network of two layers
	gate       = "shadow_update_gate.default."      // likewise
	nameMirror = "shadow_backbone.default."         // before the paths of the small network
	nameWiden  = "shadow_projection.default.weight" // [hidden, the small network's width]
	nameHead   = "shadow_head.default."             // before weight and bias of a copy of the classifier
)

// sizes are those of the small network.
func (m *method) sizes() seam.Sizes {
	return seam.Sizes{Layers: or(m.c.Layers, 1), Hidden: or(m.c.Hidden, 0), Heads: or(m.c.Heads, 0), Inner: or(m.c.Inner, 0)}
}

// Plan implements seam.Method.
func (m *method) Plan(b *seam.Blueprint) (*seam.Plan, error) {
	sites, targets, err := m.blocks(b)
	if err != nil {
		return nil, err
	}
	plan := &seam.Plan{Targets: targets}
	for i, s := range sites {
		plan.Sites = append(plan.Sites, s.Path)
		plan.Params = append(plan.Params, m.params(s, i == len(sites)-1)...)
	}
	small, err := b.Mirror(m.sizes())
	if err != nil {
		return nil, err
	}
	plan.Params = append(plan.Params, m.network(small, sites[0].In)...)
	if m.c.TaskType == "SEQ_CLS" {
		plan.Params = append(plan.Params, head(b)...)
	}
	return plan, nil
}

// blocks gives the blocks at which the adapter acts, which must follow one another.
func (m *method) blocks(b *seam.Blueprint) ([]seam.Site, seam.Targets, error) {
	all := b.OfKind(seam.Block)
	if len(all) == 0 {
		return nil, seam.Targets{}, &seam.UnsupportedError{Type: "SHADOW", Option: "a " + b.Info.ModelType + " model, which is no decoder-only one"}
	}
	layers, limited := m.c.LayersToTransform.Values()
	s := seam.Selector{Targets: m.c.Targets, Exclude: m.c.Exclude, LayersPattern: m.c.LayersPattern, Kinds: []seam.Kind{seam.Block}}
	if s.Targets.IsDefault() {
		all = slices.DeleteFunc(all, func(s seam.Site) bool { return limited && !slices.Contains(layers, s.Layer) })
		if s.Targets = seam.Match(paths(all)...); len(all) == 0 {
			return nil, s.Targets, seam.Fieldf("layers_to_transform", "%v leaves none of the model's %d blocks", layers, b.Info.Layers)
		}
	}
	s.LayersToTransform = m.c.LayersToTransform
	sites, targets, err := b.Select(s)
	if err != nil {
		return nil, targets, err
	}
	for i := 1; i < len(sites); i++ {
		if sites[i].Layer != sites[i-1].Layer+1 {
			return nil, targets, seam.Fieldf("target_modules", "blocks must follow one another: there is a gap between %s and %s", sites[i-1].Path, sites[i].Path)
		}
	}
	return sites, targets, nil
}

func paths(sites []seam.Site) []string {
	out := make([]string, len(sites))
	for i, s := range sites {
		out[i] = s.Path
	}
	return out
}

// params are the values of one block. Nothing reads the state behind the last one.
func (m *method) params(s seam.Site, last bool) []seam.Param {
	r, u := m.c.R, or(m.c.Update, m.c.R)
	out := []seam.Param{linear(nameDown, m.c.R, s.In), linear(nameUp, s.In, r)}
	if *m.c.InitWeights {
		out[1].Init = nil
	}
	for _, net := range []string{transform, gate} {
		for _, p := range []seam.Param{
			linear(net+"0.weight", u, s.In), linear(net+"0.bias", u, s.In),
			linear(net+"2.weight", s.In, u), linear(net+"2.bias", s.In, u),
		} {
			p.Idle = last
			out = append(out, p)
		}
	}
	for i := range out {
		out[i].Site = s.Path
	}
	return out
}

// linear is the weight [out, in] or the bias [out] of a new linear map as torch draws it.
func linear(name string, out, in int) seam.Param {
	p := seam.Param{Name: name, Shape: []int{out, in}, Init: seam.Uniform(1 / math.Sqrt(float64(in)))}
	if name[len(name)-4:] == "bias" {
		p.Shape = []int{out}
	}
	return p
}

// shares reports whether the small network reads the backbone's token embeddings.
func (m *method) shares(small *seam.Mirror, hidden int) bool {
	return *m.c.ShareEmbeddings && small.Hidden == hidden
}

// network are the values of the small network, and of the map to the backbone's width where it is narrower or wider.
func (m *method) network(small *seam.Mirror, hidden int) []seam.Param {
	var out []seam.Param
	shares := m.shares(small, hidden)
	for _, v := range small.Values {
		isWords := v.Path == small.Words+".weight"
		if isWords && shares && !small.KeepsWords {
			continue
		}
		out = append(out, seam.Param{
			Name: nameMirror + v.Path, Key: "base_model." + nameMirror + v.Path, Shape: v.Shape, Init: v.Init, Fill: v.Fill, Idle: isWords && shares,
		})
	}
	if small.Hidden != hidden {
		p := linear(nameWiden, hidden, small.Hidden)
		p.Key = "base_model." + nameWiden
		out = append(out, p)
	}
	return out
}

// head is a copy of the classifier, for the small network's own loss.
func head(b *seam.Blueprint) []seam.Param {
	var out []seam.Param
	for _, module := range []string{"score", "classifier"} {
		for _, name := range []string{"weight", "bias"} {
			if shape, ok := b.Shape(module + "." + name); ok {
				out = append(out, seam.Param{Site: module, Name: nameHead + name, Key: "base_model." + nameHead + name, Shape: shape})
			}
		}
		if len(out) > 0 {
			return out
		}
	}
	return nil
}

// Initialize implements seam.Initializer: it copies the classifier.
func (m *method) Initialize(in *seam.Init) error {
	if in.Loaded() {
		return nil
	}
	for _, module := range []string{"score", "classifier"} {
		for _, name := range []string{"weight", "bias"} {
			if !in.Has(module, nameHead+name) {
				continue
			}
			to, err := in.Value(module, nameHead+name)
			if err != nil {
				return err
			}
			from, _, err := in.Frozen(module + "." + name)
			if err != nil {
				return err
			}
			copy(to, from)
		}
	}
	return nil
}
