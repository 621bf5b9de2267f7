package norm

import "github.com/gopeft/gopeft/peft/seam"

// Config is the settings of LN tuning, for peft.Attach. The zero value trains the norms that HF PEFT picks for the kind of
// model.
type Config struct {
	seam.Common

	// Targets says which norms train; see peft.Match. The zero value means HF PEFT's choice for the kind of model, mostly
	// all norms. Other modules are taken as well, and train whole.
	Targets seam.Targets `json:"target_modules" default:"null"`
	// Exclude names modules among the targets that do not train after all.
	Exclude seam.Targets `json:"exclude_modules" default:"null"`
}

func init() {
	seam.Register(seam.Spec{New: func() seam.Config { return new(Config) }, DefaultTargets: defaultTargets})
}

// PEFTType implements seam.Config.
func (*Config) PEFTType() string { return "LN_TUNING" }

// SetTargets is called when the adapter is saved, with the modules that Targets has come to mean.
func (c *Config) SetTargets(t seam.Targets) { c.Targets = t }

// Method implements seam.Config.
func (c *Config) Method() (seam.Method, error) { return &method{seam.WithDefaults(*c)}, nil }

// method trains copies of modules, and needs no hook for it.
type method struct{ c Config }

var _ seam.Rower = (*method)(nil)

// GraphKey implements seam.Method.
func (*method) GraphKey() string { return "" }

// RowsOK implements seam.Rower: a norm is computed with each row's own scale and shift.
func (*method) RowsOK() bool { return true }

// Plan implements seam.Method.
func (m *method) Plan(b *seam.Blueprint) (*seam.Plan, error) {
	sites, targets, err := b.Select(seam.Selector{
		Targets: m.c.Targets, Exclude: m.c.Exclude, Kinds: []seam.Kind{seam.Norm, seam.Linear, seam.Embedding, seam.Conv},
	})
	if err != nil {
		return nil, err
	}
	plan := &seam.Plan{Targets: targets}
	for _, s := range sites {
		plan.Params = append(plan.Params, copies(b, s)...)
		// Rows with whole weights of their own would hold one for each row of the batch.
		plan.Alone = plan.Alone || s.Kind != seam.Norm
	}
	return plan, nil
}

// copies are the values of one module, under HF PEFT's name for its copy.
func copies(b *seam.Blueprint, s seam.Site) []seam.Param {
	var out []seam.Param
	for _, name := range []string{"weight", "bias", seam.RunningMean, seam.RunningVar} {
		path := s.Path + "." + name
		if _, ok := b.Shape(path); !ok {
			continue
		}
		p := b.Replace(path)
		p.Key = "base_model.model." + s.Path + ".ln_tuning_layers." + name
		p.InPlace = name == seam.RunningMean || name == seam.RunningVar // which are no parameters
		out = append(out, p)
	}
	return out
}
