package seam

import (
	"fmt"
	"slices"

	"github.com/gopeft/gopeft/internal/engine"
)

// Planning says under which circumstances an adapter is planned. The zero value is for a fresh adapter.
type Planning struct {
	Lenient bool // names of modules that match nothing are passed over, as HF PEFT does, instead of refused
	Loaded  bool // the values come from a file, see Blueprint.Loaded
}

// Plan makes the method of a config and its plan for the model, to which it adds a param for each value of the modules that
// modules_to_save names. Errors match ErrConfig, ErrTarget or ErrUnsupported.
func (f *Frozen) Plan(cfg Config, o Planning) (m Method, p *Plan, err error) {
	err = engine.Guard("planning an adapter", func() error {
		if m, err = cfg.Method(); err != nil {
			return fmt.Errorf("%s: %w", cfg.PEFTType(), err)
		}
		b, err := f.blueprint(cfg, o)
		if err != nil {
			return err
		}
		planned, err := m.Plan(b)
		if err != nil {
			return fmt.Errorf("%s: %w", cfg.PEFTType(), err)
		}
		own := *planned
		own.Params = append(slices.Clone(own.Params), b.savedParams(m, f.paths)...)
		p = &own
		return nil
	})
	return m, p, err
}

func (f *Frozen) blueprint(cfg Config, o Planning) (*Blueprint, error) {
	c := cfg.Shared()
	saved, err := c.savedModules(f.modules, o.Lenient)
	if err != nil {
		return nil, err
	}
	return &Blueprint{
		Info: f.info, Sites: f.list, Loaded: o.Loaded, shapes: f.Shape, tied: f.tied, modules: f.modules, modulesToSave: saved,
		taskType: c.TaskType, defaults: specs[cfg.PEFTType()].DefaultTargets, lenient: o.Lenient,
	}, nil
}
