package seam

import (
	"fmt"
	"slices"

	"github.com/gomlx/compute/dtypes"

	"github.com/gopeft/gopeft/internal/engine"
	"github.com/gopeft/gopeft/internal/hf"
)

// Planning says under which circumstances an adapter is planned. The zero value is for a fresh adapter.
type Planning struct {
	Lenient bool // names of modules that match nothing are passed over, as HF PEFT does, instead of refused
	Loaded  bool // the values come from a file, see Blueprint.Loaded
	// FileShape gives the shape that a file has for a key, and whether it has it; nil without a file.
	FileShape func(key string) ([]int, bool)
	// Buffers are the paths of values that are no parameters, see Origin.Buffers: no method trains them.
	Buffers []string
}

// Plan makes the method of a config and its plan for the model, to which it adds a param for each value of the modules that
// modules_to_save names. Errors match ErrConfig, ErrTarget or ErrUnsupported.
func (f *Frozen) Plan(cfg Config, o Planning) (m Method, p *Plan, err error) {
	err = engine.Guard("planning an adapter", func() error {
		if m, err = cfg.Method(); err != nil {
			return fmt.Errorf("%s: %w", cfg.PEFTType(), err)
		}
		if err := f.checkTask(cfg.Shared().TaskType, o); err != nil {
			return err
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
		own.Warnings = append(slices.Clone(own.Warnings), b.warnings...)
		own.Params = append(slices.Clone(own.Params), b.savedParams(m, f.paths)...)
		for i := range own.Params { // a constant of whole numbers is one like any other from here on
			if q := &own.Params[i]; q.Ints != nil && q.DType == dtypes.InvalidDType {
				q.Const = words(q.Ints)
			}
		}
		p = &own
		return nil
	})
	return m, p, err
}

// checkTask refuses a task_type that doesn't exist and, for an adapter that is to be trained, one for another head than
// the model's: its head would then not be saved with it.
func (f *Frozen) checkTask(taskType string, o Planning) error {
	if err := checkTaskType(taskType); err != nil {
		return err
	}
	own := f.info.TaskType()
	if o.Loaded || o.Lenient || taskType == "" || own == "" || taskType == own || taskType == "FEATURE_EXTRACTION" {
		return nil
	}
	return Fieldf("task_type", "%s is for the head of a %s model, this backbone is for %s: want %s", taskType, hf.Head(taskType), f.info.Head, own)
}

func (f *Frozen) blueprint(cfg Config, o Planning) (*Blueprint, error) {
	c := cfg.Shared()
	var saved []string
	if spec := specs[cfg.PEFTType()]; !spec.SavesNoModules {
		var err error
		if saved, err = c.savedModules(f.modules, o.Lenient); err != nil {
			return nil, err
		}
	} else if len(c.ModulesToSave) > 0 {
		return nil, Fieldf("modules_to_save", "does not go with %s, whose files have no such key", cfg.PEFTType())
	}
	bp := &Blueprint{
		model: f.model,
		Info:  f.info, Sites: f.list, Loaded: o.Loaded, fileShape: o.FileShape, shapes: f.Shape, floats: f.floats, tied: f.tied, modules: f.modules,
		modulesToSave: saved, trainable: f.trainable(o.Buffers), taskType: c.TaskType, defaults: specs[cfg.PEFTType()].DefaultTargets, lenient: o.Lenient,
	}
	if t, ok := cfg.(Tying); ok && t.Ties() && slices.ContainsFunc(c.ModulesToSave, IsTiedName) {
		bp.tieSaved()
	}
	return bp, nil
}
