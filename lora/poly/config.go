package poly

import "github.com/gopeft/gopeft/peft/seam"

// Config is Poly's settings, for peft.Attach. The zero value of each field means HF PEFT's default.
type Config struct {
	seam.Common

	// R is the rank of each skill. 0 means 8.
	R int `json:"r" default:"8"`
	// Tasks is the number of tasks, which the argument "task_ids" of a call counts from 0. 0 means 1.
	Tasks int `json:"n_tasks" default:"1"`
	// Skills is how many pairs of factors each target has, which the tasks share. 0 means 4.
	Skills int `json:"n_skills" default:"4"`
	// Splits is into how many parts each factor is cut, every one of which a task mixes in its own way: more than 1 is
	// Multi-Head Routing. It must divide the widths of all targets. 0 means 1.
	Splits int `json:"n_splits" default:"1"`
	// Router says how a task mixes the skills; "poly" is the only way there is. "" means "poly".
	Router string `json:"poly_type" default:"\"poly\""`
	// Targets says on which linear maps Poly acts; see peft.Match.
	Targets seam.Targets `json:"target_modules" default:"null"`
	// Exclude names modules among the targets on which it does not act after all.
	Exclude seam.Targets `json:"exclude_modules" default:"null"`
	// InitWeights says that a fresh adapter changes nothing; false draws every factor, for debugging. nil means true.
	InitWeights *bool `json:"init_weights" default:"true"`
}

func init() {
	seam.Register(seam.Spec{New: func() seam.Config { return new(Config) }, DefaultTargets: seam.UsualTargets()})
}

// PEFTType implements seam.Config.
func (*Config) PEFTType() string { return "POLY" }

// SetTargets is called when the adapter is saved, with the modules that Targets has come to mean.
func (c *Config) SetTargets(t seam.Targets) { c.Targets = t }

// Method implements seam.Config.
func (c *Config) Method() (seam.Method, error) {
	m := &method{seam.WithDefaults(*c)}
	for _, n := range []struct {
		field string
		value int
	}{{"r", m.c.R}, {"n_tasks", m.c.Tasks}, {"n_skills", m.c.Skills}, {"n_splits", m.c.Splits}} {
		if n.value < 1 {
			return nil, seam.Fieldf(n.field, "must be at least 1, is %d", n.value)
		}
	}
	if m.c.Router != "poly" {
		return nil, seam.Fieldf("poly_type", "%q is not known: \"poly\" is the only one", m.c.Router)
	}
	if m.c.Tasks == 1 {
		return oneTask{m}, nil
	}
	return m, nil
}
