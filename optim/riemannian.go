package optim

import (
	"fmt"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/graph"
)

// Riemannian is another optimiser behind the preconditioner of Zhang and Pilanci 2024, "Riemannian Preconditioned LoRA for
// Fine-Tuning Foundation Models" (arXiv:2402.02347), as peft.optimizers.create_riemannian_optimizer makes it. It makes LoRA learn
// alike however its factors share the size of their product, and so less sensitive to the learning rate. At each step the
// gradients of A [r, in] and B [out, r] are replaced:
//
//	gA = (Bᵀ B + Reg I)⁻¹ gA
//	gB = gB (A Aᵀ + Reg I)⁻¹
//
// The pairs are told by their paths, as LoRA's files name them. All other parameters, and LoRA on embeddings and convolutions, are
// left to Optimizer, as in HF PEFT; without any pair it is Optimizer alone, where HF PEFT reports an error. The inverses are
// computed in float64.
type Riemannian struct {
	Optimizer Optimizer // gets the gradients; nil means AdamW{}
	Reg       float64   // damping of the inverses, above 0; 0 means 1e-2
}

var _ Optimizer = Riemannian{}

// Validate implements [Optimizer].
func (o Riemannian) Validate() error {
	if err := checkInner("Riemannian", o.optimizer()); err != nil {
		return err
	}
	reg := or(o.Reg, 1e-2)
	if reg == 0 {
		return &FieldError{"Riemannian", "Reg", reg, "a number above 0"}
	}
	return checkNonNegative("Riemannian", "Reg", reg)
}

// Rate implements [Optimizer].
func (o Riemannian) Rate() float64 { return o.optimizer().Rate() }

// Transform implements [Optimizer].
func (o Riemannian) Transform() Transform {
	return Chain{riemannian{or(o.Reg, 1e-2)}, o.optimizer().Transform()}
}

func (o Riemannian) optimizer() Optimizer {
	if o.Optimizer == nil {
		return AdamW{}
	}
	return o.Optimizer
}

func (Riemannian) needsPairs() {}

// riemannian is the preconditioner.
type riemannian struct{ reg float64 }

// Validate implements [Transform].
func (t riemannian) Validate() error { return nil }

// Key implements [Transform].
func (t riemannian) Key(params []Variable) string {
	return fmt.Sprintf("riemannian%v", loraPairs(params, false))
}

// Slots implements [Transform]: none.
func (t riemannian) Slots([]Variable) []Slot { return nil }

// Scalars implements [Transform].
func (t riemannian) Scalars(int, float64) []float64 { return []float64{t.reg} }

// Update implements [Transform].
func (t riemannian) Update(c Inputs) (updates, state []*graph.Node) {
	pairs := loraPairs(c.Params, false)
	var grams []*graph.Node // A's, then B's
	for _, p := range pairs {
		grams = append(grams, damped(gram(c.Values[p.a]), c.Scalars[0]))
	}
	for _, p := range pairs {
		grams = append(grams, damped(gram(graph.Transpose(c.Values[p.b], 0, 1)), c.Scalars[0]))
	}
	inverted := inverses(grams)
	updates = append(updates, c.Updates...)
	for i, p := range pairs {
		ofA := graph.ConvertDType(inverted[i], dtypes.Float32)
		ofB := graph.ConvertDType(inverted[len(pairs)+i], dtypes.Float32)
		updates[p.a] = graph.MatMul(ofB, c.Updates[p.a])
		updates[p.b] = graph.MatMul(c.Updates[p.b], ofA)
	}
	return updates, nil
}
