package optim

import "strings"

// LoRAPlus is LoRA+ (Hayou et al. 2024, "LoRA+: Efficient Low Rank Adaptation of Large Models", arXiv:2402.12354): another
// optimiser in which LoRA's B learns faster than its A, as peft.optimizers.create_loraplus_optimizer makes it. With one rate for
// both, that of A bounds the other, and wide models learn slowly.
//
// Ratio times the learning rate have LoRA's B and all parameters of one axis, such as biases. LoRA's factors of embeddings have
// EmbeddingRate, which a schedule changes as it changes LR. All others, such as A, have the learning rate of Optimizer. The zero
// value is AdamW with these rates.
//
// The parameters are told by their paths, as LoRA's files name them, so every adapter of files like that, such as QLoRA's or
// DoRA's, can be trained so. For others it is Optimizer with faster biases.
//
// HF PEFT decays the weights of all groups alike, with a weight_decay of 0 if none is given, and spares biases and the weights of
// norms; for that, set Optimizer's WeightDecay and NoDecay.
type LoRAPlus struct {
	Optimizer     Optimizer // the optimiser; nil means AdamW{WeightDecay: Zero}
	Ratio         float64   // the rate of B by that of the others, 1 or more to be of use; 0 means 16, as the paper recommends
	EmbeddingRate float64   // learning rate of LoRA's factors of embeddings; 0 means 1e-6, Zero means 0
}

var _ Optimizer = LoRAPlus{}

// Validate implements [Optimizer]. Besides numbers out of range it refuses a learning rate of 0, of which the other rates would be
// multiples, and the optimisers [LoRAFA] and [Riemannian], which need A and B
// together; a Riemannian may hold a LoRAPlus.
func (o LoRAPlus) Validate() error {
	if err := checkInner("LoRAPlus", o.optimizer()); err != nil {
		return err
	}
	if !(o.Rate() > 0) {
		return &FieldError{"LoRAPlus", "Optimizer", o.Rate(), "one with a learning rate above 0"}
	}
	return first(checkNonNegative("LoRAPlus", "Ratio", o.ratio()),
		checkNonNegative("LoRAPlus", "EmbeddingRate", or(o.EmbeddingRate, 1e-6)))
}

// Rate implements [Optimizer]: the learning rate of A.
func (o LoRAPlus) Rate() float64 { return o.optimizer().Rate() }

// Transform implements [Optimizer]. Each group of parameters has Optimizer's transform for itself.
func (o LoRAPlus) Transform() Transform {
	all := o.optimizer().Transform()
	embedding := func(p Variable) bool { return strings.Contains(p.Path, embeddingFactor) }
	fast := func(p Variable) bool {
		return !embedding(p) && (strings.Contains(p.Path, "lora_B") || p.Shape.Rank() == 1)
	}
	return Chain{
		masked{embedding, WithRate{or(o.EmbeddingRate, 1e-6) / o.Rate(), all}},
		masked{fast, WithRate{o.ratio(), all}},
		masked{func(p Variable) bool { return !embedding(p) && !fast(p) }, all},
	}
}

func (o LoRAPlus) optimizer() Optimizer {
	if o.Optimizer == nil {
		return AdamW{WeightDecay: Zero}
	}
	return o.Optimizer
}

func (o LoRAPlus) ratio() float64 { return or(o.Ratio, 16) }
