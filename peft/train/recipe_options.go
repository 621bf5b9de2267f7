package train

import (
	"fmt"

	"github.com/gopeft/gopeft/optim"
)

// Options gives the trainer's options that the recipe names; data, callbacks and whether to resume are the caller's.
func (r *Recipe) Options() (Options, error) {
	if r == nil {
		return Options{}, fmt.Errorf("%w: is nil", ErrRecipe)
	}
	o := Options{
		BatchSize: r.BatchSize, Epochs: r.Epochs, Steps: r.Steps, MaxLength: r.MaxLength, Seed: r.Seed,
		Accumulate: r.Accumulate, EvalEvery: r.EvalEvery,
		Out: r.Out, CheckpointEvery: r.CheckpointEvery, Overwrite: r.Overwrite,
	}
	if e := r.EarlyStopping; e != nil {
		o.EarlyStopping = &EarlyStopping{Patience: e.Patience, MinDelta: e.MinDelta, Metric: e.Metric}
	}
	if r.MaxGradNorm != nil {
		o.MaxGradNorm = optim.Exactly(*r.MaxGradNorm)
	}
	var err error
	if o.Optimizer, err = r.Optimizer.build(r); err != nil {
		return o, fmt.Errorf("optimizer: %w", err)
	}
	if o.Schedule, err = r.Schedule.build(); err != nil {
		return o, fmt.Errorf("schedule: %w", err)
	}
	return o, nil
}

func (s RecipeSchedule) build() (optim.Schedule, error) {
	switch s.Type {
	case "", "linear":
		return optim.Linear{Warmup: s.Warmup}, nil
	case "cosine":
		return optim.Cosine{Warmup: s.Warmup}, nil
	case "constant":
		return optim.Constant{Warmup: s.Warmup}, nil
	case "polynomial":
		return optim.Polynomial{Warmup: s.Warmup}, nil
	case "inverse_sqrt":
		return optim.InverseSqrt{Warmup: s.Warmup}, nil
	}
	return nil, fmt.Errorf("type: %q is none of constant, linear, cosine, polynomial, inverse_sqrt", s.Type)
}
