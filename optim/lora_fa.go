package optim

import (
	"fmt"
	"math"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/support/exceptions"
)

// LoRAFA trains LoRA's B alone and leaves A as it was drawn (Zhang et al. 2023, "LoRA-FA: Memory-efficient Low-rank Adaptation for
// Large Language Models Fine-tuning", arXiv:2308.03303), as the optimiser of peft.optimizers.create_lorafa_optimizer. It needs about
// half of the gradients and of the optimiser's state, and learns less: 40.4 percent in HF PEFT's comparison on MetaMathQA, where LoRA of
// that rank has 47.8. With the strength s of the adapter, each step replaces the gradient of B
// [out, r], so that the change of s B A comes as close as it can to the gradient of the whole weight, and passes it to Adam:
//
//	gB = (1/s²) gB (A Aᵀ + 1e-8 I)⁺
//
// The pairs are told by their paths, as LoRA's files name them. LoRA's A never changes. All parameters that are no factors of LoRA, such
// as a head's or DoRA's magnitudes, have Adam without the formula.
//
// Adam is here that of transformers' former AdamW, not [AdamW]: Eps is added before the correction of the second moment, and the weight
// decay follows the update.
//
// HF PEFT computes the product with gB in bfloat16 where the machine has it, here it is float32, and the inverse float64. In HF PEFT
// DoRA, lora_bias and convolutions fail, or pair the wrong parameters.
type LoRAFA struct {
	LR          float64    // learning rate; 0 means 1e-3
	Betas       [2]float64 // decay rates of the two moments, in [0, 1); 0 means 0.9 and 0.999, Zero means 0
	Eps         float64    // added to the denominator, against division by 0; 0 means 1e-6, Zero means 0
	WeightDecay float64    // decay per step, times the learning rate; 0 means none
	NoDecay     []string   // no decay for parameters whose path contains one of these, such as "bias"

	// Alpha is LoRA's lora_alpha, of which s is Alpha/r; 0 means 8, LoRA's own default. r is read from the shape of A.
	Alpha float64
	// RSLoRA says that s is Alpha/sqrt(r), as LoRA's use_rslora does.
	RSLoRA bool
	// Strength gives s, above 0, of the B of a path and a rank, where modules differ in it (alpha_pattern). nil means the s of Alpha. It
	// must always give the same answer. Unlike Alpha it is compiled into the program.
	Strength func(path string, rank int) float64
}

var _ Freezer = LoRAFA{}

// Validate implements [Optimizer].
func (o LoRAFA) Validate() error {
	alpha := or(o.Alpha, 8)
	if alpha == 0 {
		return &FieldError{"LoRAFA", "Alpha", alpha, "a number above 0"}
	}
	return first(checkNonNegative("LoRAFA", "Alpha", alpha), check("LoRAFA", o))
}

// Rate implements [Optimizer].
func (o LoRAFA) Rate() float64 { return or(o.LR, 1e-3) }

// Frozen implements [Freezer]: LoRA's A stays. That of an embedding stays, too, but its gradient counts where gradients are clipped,
// as in HF PEFT.
func (o LoRAFA) Frozen(path string) bool { return partner(path, factor) != "" }

// Transform implements [Optimizer].
func (o LoRAFA) Transform() Transform {
	stays := func(path string) bool { return o.Frozen(path) || partner(path, embeddingFactor) != "" }
	moves := func(p Variable) bool { return !stays(p.Path) }
	return Chain{
		lorafa{alpha: or(o.Alpha, 8), root: o.RSLoRA, strength: o.Strength},
		masked{moves, Chain{
			earlyEps{ScaleByAdam{Betas: betas(o.Betas), Eps: or(o.Eps, 1e-6)}},
			ScaleByRate{},
			lateDecay(or(o.WeightDecay, 0), o.NoDecay),
		}},
		Freeze{Match: stays, Inner: Chain{}},
	}
}

func (LoRAFA) needsPairs() {}

// lorafa replaces the gradients of each B.
type lorafa struct {
	alpha    float64
	root     bool
	strength func(path string, rank int) float64
}

// Validate implements [Transform].
func (t lorafa) Validate() error { return nil }

// Key implements [Transform].
func (t lorafa) Key(params []Variable) string {
	pairs := loraPairs(params, true)
	key := fmt.Sprintf("lorafa%v", pairs)
	switch {
	case t.strength != nil:
		for _, p := range pairs {
			key += fmt.Sprintf(" %g", t.strength(params[p.b].Path, p.rank))
		}
	case t.root:
		key += " root"
	}
	return key
}

// Slots implements [Transform]: none.
func (t lorafa) Slots([]Variable) []Slot { return nil }

// Scalars implements [Transform].
func (t lorafa) Scalars(int, float64) []float64 { return []float64{t.alpha} }

// Update implements [Transform].
func (t lorafa) Update(c Inputs) (updates, state []*graph.Node) {
	pairs := loraPairs(c.Params, true)
	updates = append(updates, c.Updates...)
	if len(pairs) == 0 {
		return updates, nil
	}
	// The pseudo-inverse drops directions in which M = A Aᵀ is zero but for rounding, as torch's does. (M + dI)⁻¹ M (M + dI)⁻¹ is
	// 1/(m + 2d) in a direction in which M is m, up to (d/m)², and 0 where m is 0; so d is half of 1e-8. Equal to it is
	// A (AᵀA + dI)⁻² Aᵀ, which is better to compute where A has more rows than columns.
	const damping = 0.5e-8
	var tall []bool
	var factors, grams []*graph.Node
	for _, p := range pairs {
		a := graph.ConvertDType(graph.Reshape(c.Values[p.a], p.rank, -1), dtypes.Float64)
		tall = append(tall, p.rank > a.Shape().Dimensions[1])
		small := a
		if tall[len(tall)-1] {
			small = graph.Transpose(a, 0, 1)
		}
		factors = append(factors, a)
		grams = append(grams, damped(gram(small), graph.Const(a.Graph(), damping)))
	}
	for i, k := range inverses(grams) {
		p, a := pairs[i], factors[i]
		half := a // becomes (M + dI)⁻¹ A or A (AᵀA + dI)⁻¹
		if tall[i] {
			half = graph.MatMul(half, k)
		} else {
			half = graph.MatMul(k, half)
		}
		pseudo := graph.ConvertDType(gram(half), dtypes.Float32)
		g := graph.Reshape(c.Updates[p.b], -1, p.rank)
		g = graph.Mul(graph.MatMul(g, pseudo), t.factor(c, p))
		updates[p.b] = graph.Reshape(g, c.Params[p.b].Shape.Dimensions...)
	}
	return updates, nil
}

// factor gives 1/s² for a pair.
func (t lorafa) factor(c Inputs, p pair) *graph.Node {
	alpha := c.Scalars[0]
	rank := float64(p.rank)
	switch {
	case t.strength != nil:
		s := t.strength(c.Params[p.b].Path, p.rank)
		if !(s > 0) {
			exceptions.Panicf("optim: LoRAFA.Strength of %q is %v; want a number above 0", c.Params[p.b].Path, s)
		}
		return graph.Const(alpha.Graph(), float32(1/(s*s)))
	case t.root:
		rank = math.Sqrt(rank)
	}
	return graph.Square(graph.Div(graph.Const(alpha.Graph(), float32(rank)), alpha))
}

// earlyEps is ScaleByAdam that adds eps before the second moment is corrected, as transformers' AdamW did.
type earlyEps struct{ ScaleByAdam }

// Scalars implements [Transform].
func (t earlyEps) Scalars(step int, lr float64) []float64 {
	scalars := t.ScaleByAdam.Scalars(step, lr)
	scalars[3] /= scalars[5] // eps by the root of the second correction
	return scalars
}

// lateDecay is the link for a decay of what a parameter is after its update, with the learning rate already in the update.
func lateDecay(rate float64, noDecay []string) Transform {
	if rate == 0 {
		return Chain{}
	}
	return Mask{Match: Not(Contains(noDecay...)), Inner: lateDecayWeights{DecayWeights{rate}}}
}

type lateDecayWeights struct{ DecayWeights }

// Key implements [Transform].
func (t lateDecayWeights) Key([]Variable) string { return "late decay" }

// Scalars implements [Transform].
func (t lateDecayWeights) Scalars(_ int, lr float64) []float64 { return []float64{-lr * t.WeightDecay} }

// Update implements [Transform].
func (t lateDecayWeights) Update(c Inputs) (updates, state []*graph.Node) {
	moved := each(c.Updates, func(i int, u *graph.Node) *graph.Node { return graph.Add(c.Values[i], u) })
	c.Values = moved
	return t.DecayWeights.Update(c)
}
