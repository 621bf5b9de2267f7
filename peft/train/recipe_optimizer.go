package train

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/gopeft/gopeft/optim"
	"github.com/gopeft/gopeft/peft/seam"
)

// numbers are a recipe's numbers with their defaults.
type numbers struct {
	lr, decay, eps, momentum, dampening float64
	betas                               [2]float64
	noDecay                             []string
	nesterov, amsgrad                   bool
	lora                                loraStrength
}

// optimizers lists what a recipe may name: the keys it understands beside type, lr, weight_decay and no_decay.
var optimizers = map[string]struct {
	keys []string
	eps  float64
	make func(n numbers) optim.Optimizer
}{
	"adamw": {[]string{"betas", "eps", "amsgrad"}, 1e-8, func(n numbers) optim.Optimizer {
		return optim.AdamW{LR: n.lr, Betas: n.betas, Eps: n.eps, WeightDecay: n.decay, AMSGrad: n.amsgrad, NoDecay: n.noDecay}
	}},
	"adam": {[]string{"betas", "eps", "amsgrad"}, 1e-8, func(n numbers) optim.Optimizer {
		return optim.Adam{LR: n.lr, Betas: n.betas, Eps: n.eps, WeightDecay: n.decay, AMSGrad: n.amsgrad, NoDecay: n.noDecay}
	}},
	"sgd": {[]string{"momentum", "dampening", "nesterov"}, 0, func(n numbers) optim.Optimizer {
		return optim.SGD{LR: n.lr, Momentum: n.momentum, Dampening: n.dampening, Nesterov: n.nesterov, WeightDecay: n.decay, NoDecay: n.noDecay}
	}},
	"lorafa": {[]string{"betas", "eps", "lora_alpha", "use_rslora"}, 1e-6, func(n numbers) optim.Optimizer {
		return optim.LoRAFA{
			LR: n.lr, Betas: n.betas, Eps: n.eps, WeightDecay: n.decay, NoDecay: n.noDecay,
			Alpha: n.lora.alpha, RSLoRA: n.lora.root, Strength: n.lora.strength(),
		}
	}},
}

func (o RecipeOptimizer) build(r *Recipe) (optim.Optimizer, error) {
	name := o.Type
	if name == "" {
		name = "adamw"
	}
	kind, ok := optimizers[name]
	if !ok {
		return nil, fmt.Errorf("type: %q is none of adam, adamw, lorafa, sgd", name)
	}
	for key, given := range map[string]bool{
		"betas": o.Betas != nil, "eps": o.Eps != nil, "momentum": o.Momentum != nil, "dampening": o.Dampening != nil,
		"nesterov": o.Nesterov, "amsgrad": o.AMSGrad, "lora_alpha": o.LoRAAlpha != nil, "use_rslora": o.RSLoRA,
	} {
		if given && !slices.Contains(kind.keys, key) {
			return nil, fmt.Errorf("%s: is no setting of %s", key, name)
		}
	}
	n := numbers{
		lr: exactly(o.LR, 1e-3), decay: exactly(o.WeightDecay, 0), eps: exactly(o.Eps, kind.eps),
		momentum: exactly(o.Momentum, 0), dampening: exactly(o.Dampening, 0), betas: [2]float64{0.9, 0.999},
		noDecay: append(slices.Clone(r.NoDecay), o.NoDecay...), nesterov: o.Nesterov, amsgrad: o.AMSGrad,
	}
	if o.Betas != nil && len(o.Betas) != 2 {
		return nil, fmt.Errorf("betas: want 2 numbers, got %d", len(o.Betas))
	}
	if o.Betas != nil {
		n.betas = [2]float64{optim.Exactly(o.Betas[0]), optim.Exactly(o.Betas[1])}
	}
	if name == "lorafa" {
		var err error
		if n.lora, err = o.loraStrength(r.Adapter); err != nil {
			return nil, err
		}
	}
	opt, err := o.forLoRA(kind.make(n))
	if err != nil {
		return nil, err
	}
	return opt, opt.Validate()
}

// forLoRA puts the optimiser into those that treat LoRA's factors apart.
func (o RecipeOptimizer) forLoRA(opt optim.Optimizer) (optim.Optimizer, error) {
	if o.LoRAPlusRatio != nil {
		opt = optim.LoRAPlus{Optimizer: opt, Ratio: optim.Exactly(*o.LoRAPlusRatio), EmbeddingRate: exactly(o.LoRAPlusEmbedding, 1e-6)}
	} else if o.LoRAPlusEmbedding != nil {
		return nil, fmt.Errorf("loraplus_lr_embedding: goes with loraplus_lr_ratio")
	}
	if o.RiemannianReg != nil {
		opt = optim.Riemannian{Optimizer: opt, Reg: optim.Exactly(*o.RiemannianReg)}
	}
	return opt, nil
}

// loraStrength is what LoRA multiplies its product by.
type loraStrength struct {
	alpha   float64
	root    bool
	pattern seam.Pattern[float64]
}

// loraStrength reads what the optimiser's keys and the adapter's config say; the keys come first.
func (o RecipeOptimizer) loraStrength(a RecipeAdapter) (loraStrength, error) {
	if a.Load != "" && o.LoRAAlpha == nil {
		return loraStrength{}, fmt.Errorf("lora_alpha: is missing; it is that of the adapter in %s", a.Load)
	}
	config := struct {
		Alpha   *float64              `json:"lora_alpha"`
		Root    bool                  `json:"use_rslora"`
		Pattern seam.Pattern[float64] `json:"alpha_pattern"`
	}{Root: o.RSLoRA}
	if len(a.Config) > 0 {
		if err := json.Unmarshal(a.Config, &config); err != nil {
			return loraStrength{}, fmt.Errorf("the adapter's config: %w", err)
		}
	}
	for _, rule := range config.Pattern {
		if !(rule.Value > 0) {
			return loraStrength{}, fmt.Errorf("alpha_pattern: %q: lorafa wants a number above 0, not %v", rule.Match, rule.Value)
		}
	}
	alpha := exactly(config.Alpha, 8)
	if o.LoRAAlpha != nil {
		alpha = optim.Exactly(*o.LoRAAlpha)
	}
	return loraStrength{alpha, config.Root || o.RSLoRA, config.Pattern}, nil
}

// strength gives LoRAFA.Strength, nil where one alpha is that of all modules.
func (l loraStrength) strength() func(path string, rank int) float64 {
	if len(l.pattern) == 0 {
		return nil
	}
	return func(path string, rank int) float64 {
		site, _, _ := strings.Cut(strings.TrimPrefix(path, "base_model.model."), ".lora_")
		alpha, err := l.pattern.For(site, l.alpha)
		if err != nil { // attaching the adapter reports it
			alpha = l.alpha
		}
		if l.root {
			return alpha / math.Sqrt(float64(rank))
		}
		return alpha / float64(rank)
	}
}

// exactly turns a number that may be absent into one of optim's fields, where 0 would mean the default.
func exactly(v *float64, def float64) float64 {
	if v == nil {
		return optim.Exactly(def)
	}
	return optim.Exactly(*v)
}
