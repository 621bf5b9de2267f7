package pefttest

import (
	"math"
	"math/rand/v2"

	"github.com/gomlx/gomlx/core/tensors"

	"github.com/gopeft/gopeft/peft"
	"github.com/gopeft/gopeft/peft/seam"
)

// gradientBound is the largest relative error of a directional derivative that passes. See caseGradientError.
const gradientBound = 2e-3

func lawGradient(tr *trial) {
	a := tr.stirred("a")
	params, grads := tr.gradients(a, "a")
	approximate, _ := tr.method().(seam.Approximator)
	for i, p := range params {
		if approximate != nil && approximate.ApproximateGradient(p.Name) != "" {
			continue
		}
		if worst := tr.gradientError(a, params, i, floatsOf(grads[i])); !(worst <= gradientBound) {
			tr.failf("%s: the derivative differs from the loss's by %.3g of its length, at most %g is allowed", p.FileKey(), worst, gradientBound)
		}
	}
}

// caseGradientError gives the worst relative error of a case's gradients on Tiny: over every trainable value and two
// directions u in it, the gradient itself and a random one, of
//
//	|g·u - D| / ‖g‖,   D = (8 (L(h) - L(-h)) - (L(2h) - L(-2h))) / 12h
//
// where L(t) is the loss at t u away, in float32. The formula's own error is of order h⁴, so that h may be large enough
// for float32's rounding (about 1e-7 of L) to matter little; the best of h = 0.03, 0.01 and 0.003 counts, since how
// curved the loss is depends on the method. Values with an ApproximateGradient are passed over.
func caseGradientError(c Case) (worst float64, err error) {
	if c, err = c.prepared(); err != nil {
		return 0, err
	}
	l := law{name: "grad/error", rule: "measured", hold: func(tr *trial) {
		a := tr.stirred("a")
		params, grads := tr.gradients(a, "a")
		approximate, _ := tr.method().(seam.Approximator)
		for i, p := range params {
			if approximate == nil || approximate.ApproximateGradient(p.Name) == "" {
				worst = max(worst, tr.gradientError(a, params, i, floatsOf(grads[i])))
			}
		}
	}}
	return worst, l.check(c)
}

// gradientError checks the gradient of one value. A gradient so short that rounding hides it is measured against
// 0.01 instead of its own length.
func (tr *trial) gradientError(a *peft.Adapted, params []peft.TrainableParam, i int, grad []float32) float64 {
	const shortest = 0.01
	value := floatsOf(params[i].Value)
	lossAt := func(u []float64, t float64) float64 {
		moved := make([]float32, len(value))
		for j := range value {
			moved[j] = float32(float64(value[j]) + t*u[j])
		}
		values := make([]*peft.Tensor, len(params))
		for j, p := range params {
			values[j] = p.Value
		}
		values[i] = tensors.FromFlatDataAndDimensions(moved, params[i].Shape...)
		var n builds
		out := get(a.Run(tr.ctx, n.program(false), peft.Use("a"), tr.input(4, 0), nil, values))
		return float64(floatsOf(out[1])[0])
	}
	along, random := make([]float64, len(grad)), make([]float64, len(grad))
	r := rand.New(rand.NewPCG(5, uint64(i)))
	for j, g := range grad {
		along[j], random[j] = float64(g), r.NormFloat64()
	}
	length := normalise(along)
	normalise(random)
	worst := 0.0
	for _, u := range [][]float64{along, random} {
		claimed := 0.0
		for j, g := range grad {
			claimed += float64(g) * u[j]
		}
		best := math.Inf(1)
		for _, h := range []float64{0.03, 0.01, 0.003} {
			d := (8*(lossAt(u, h)-lossAt(u, -h)) - (lossAt(u, 2*h) - lossAt(u, -2*h))) / (12 * h)
			best = min(best, math.Abs(claimed-d)/max(length, shortest)) // NaN stays
		}
		if worst = max(worst, best); math.IsNaN(worst) {
			return worst
		}
	}
	return worst
}

// normalise scales a vector to length 1 and gives the length it had.
func normalise(v []float64) float64 {
	sum := 0.0
	for _, x := range v {
		sum += x * x
	}
	length := math.Sqrt(sum)
	for i := range v {
		v[i] /= max(length, math.SmallestNonzeroFloat64)
	}
	return length
}
