package probe

import (
	"slices"
	"strings"

	"github.com/gopeft/gopeft/internal/hf"
	"github.com/gopeft/gopeft/peft/seam"
)

// Config is the settings of linear probing, for peft.Attach: those that every adapter has. The zero value trains the head
// of the model; TaskType and ModulesToSave say what else it may be.
type Config struct {
	seam.Common
}

func init() { seam.Register(seam.Spec{New: func() seam.Config { return new(Config) }}) }

// PEFTType implements seam.Config.
func (*Config) PEFTType() string { return "LINEAR_PROBE" }

// Method implements seam.Config.
func (c *Config) Method() (seam.Method, error) { return &method{seam.WithDefaults(*c)}, nil }

// method trains the values of a head in their own place, and needs no hook for it.
type method struct{ c Config }

// GraphKey implements seam.Method.
func (*method) GraphKey() string { return "" }

// Plan implements seam.Method. What modules_to_save and task_type name is trained without a word of the plan.
func (m *method) Plan(b *seam.Blueprint) (*seam.Plan, error) {
	if len(b.Saved()) > 0 {
		return &seam.Plan{}, nil
	}
	plan := &seam.Plan{Params: m.head(b)}
	if len(plan.Params) == 0 {
		return nil, seam.Fieldf("modules_to_save", "names nothing, and the model has no head to train (task_type %q)", m.c.TaskType)
	}
	return plan, nil
}

// head gives the values of the backbone's head, unless task_type says that there is none.
func (m *method) head(b *seam.Blueprint) []seam.Param {
	if m.c.TaskType == "FEATURE_EXTRACTION" {
		return nil
	}
	if heads := hf.Heads(b.Info.TaskType()); len(heads) > 0 {
		modules := seam.MatchRegexp(`(.*\.)?(` + strings.Join(heads, "|") + `)`)
		if params, err := b.SelectValues(seam.Selector{Targets: modules}, nil); err == nil {
			return added(params)
		}
	}
	layers := slices.DeleteFunc(slices.Clone(b.Sites), func(s seam.Site) bool { return s.Role != "head" })
	if last := slices.IndexFunc(layers, func(s seam.Site) bool { return s.OutputEmbedding }); last >= 0 {
		layers = layers[last : last+1] // the head's own hidden layers stay
	}
	var out []seam.Param
	for _, s := range layers {
		for _, name := range []string{"weight", "bias"} {
			if _, ok := b.Shape(s.Path + "." + name); ok {
				out = append(out, b.Replace(s.Path+"."+name))
			}
		}
	}
	return added(out)
}

// added counts values as copies beside the model's own, as those of modules_to_save are.
func added(params []seam.Param) []seam.Param {
	for i := range params {
		params[i].InPlace, params[i].Shared = false, nil
	}
	return params
}
