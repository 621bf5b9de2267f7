package train

import (
	"fmt"
	"slices"

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
	if o.Optimizer, err = r.Optimizer.build(r.NoDecay); err != nil {
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

// numbers are a recipe's numbers with their defaults.
type numbers struct {
	lr, decay, eps, momentum, dampening float64
	betas                               [2]float64
	noDecay                             []string
	nesterov, amsgrad                   bool
}

// optimizers lists what a recipe may name: the keys it understands beside type, lr, weight_decay and no_decay.
var optimizers = map[string]struct {
	keys []string
	make func(n numbers) optim.Optimizer
}{
	"adamw": {[]string{"betas", "eps", "amsgrad"}, func(n numbers) optim.Optimizer {
		return optim.AdamW{LR: n.lr, Betas: n.betas, Eps: n.eps, WeightDecay: n.decay, AMSGrad: n.amsgrad, NoDecay: n.noDecay}
	}},
	"adam": {[]string{"betas", "eps", "amsgrad"}, func(n numbers) optim.Optimizer {
		return optim.Adam{LR: n.lr, Betas: n.betas, Eps: n.eps, WeightDecay: n.decay, AMSGrad: n.amsgrad, NoDecay: n.noDecay}
	}},
	"sgd": {[]string{"momentum", "dampening", "nesterov"}, func(n numbers) optim.Optimizer {
		return optim.SGD{LR: n.lr, Momentum: n.momentum, Dampening: n.dampening, Nesterov: n.nesterov, WeightDecay: n.decay, NoDecay: n.noDecay}
	}},
}

func (o RecipeOptimizer) build(noDecay []string) (optim.Optimizer, error) {
	name := o.Type
	if name == "" {
		name = "adamw"
	}
	kind, ok := optimizers[name]
	if !ok {
		return nil, fmt.Errorf("type: %q is none of adam, adamw, sgd", name)
	}
	for key, given := range map[string]bool{
		"betas": o.Betas != nil, "eps": o.Eps != nil, "momentum": o.Momentum != nil, "dampening": o.Dampening != nil,
		"nesterov": o.Nesterov, "amsgrad": o.AMSGrad,
	} {
		if given && !slices.Contains(kind.keys, key) {
			return nil, fmt.Errorf("%s: is no setting of %s", key, name)
		}
	}
	n := numbers{
		lr: exactly(o.LR, 1e-3), decay: exactly(o.WeightDecay, 0), eps: exactly(o.Eps, 1e-8),
		momentum: exactly(o.Momentum, 0), dampening: exactly(o.Dampening, 0), betas: [2]float64{0.9, 0.999},
		noDecay: append(slices.Clone(noDecay), o.NoDecay...), nesterov: o.Nesterov, amsgrad: o.AMSGrad,
	}
	if o.Betas != nil && len(o.Betas) != 2 {
		return nil, fmt.Errorf("betas: want 2 numbers, got %d", len(o.Betas))
	}
	if o.Betas != nil {
		n.betas = [2]float64{optim.Exactly(o.Betas[0]), optim.Exactly(o.Betas[1])}
	}
	opt := kind.make(n)
	return opt, opt.Validate()
}

// exactly turns a number that may be absent into one of optim's fields, where 0 would mean the default.
func exactly(v *float64, def float64) float64 {
	if v == nil {
		return optim.Exactly(def)
	}
	return optim.Exactly(*v)
}
