package pefttest

import (
	"bytes"
	"math"
	"slices"

	"github.com/gomlx/gomlx/core/tensors"

	"github.com/gopeft/gopeft/peft"
	"github.com/gopeft/gopeft/peft/seam"
)

func lawIsolation(tr *trial) {
	a := tr.stirred("a", "b")
	frozen, other := frozenOf(a.Backbone()), valuesOf(a, "b")
	dead := map[string]bool{}
	for _, p := range get(a.Trainable(peft.Use("a"))) {
		dead[p.FileKey()] = !p.Idle
	}
	// A unit that saturates may have no gradient at one place; a value that is not used has none anywhere.
	for seed := range uint64(4) {
		tr.stir(a, "a", seed)
		before := valuesOf(a, "a")
		next := tr.step(a)
		tr.ok(publish(get(a.Adapter("a")), next))
		for key, after := range valuesOf(a, "a") {
			changed := !bytes.Equal(before[key], after)
			if _, trained := next[key]; changed && !trained {
				tr.failf("%s is not trainable, and changed by a step", key)
			}
			if changed {
				delete(dead, key)
			}
		}
	}
	if len(dead) > 0 { // what is drawn while training only has its gradient there
		program := peft.Program{Key: "isolation", Training: true, Build: func(c *seam.Call, in seam.Nodes, _ []*seam.Node) []*seam.Node {
			return c.Gradients(c.Loss(c.Forward(in)))
		}}
		out := get(a.Run(tr.ctx, program, peft.Use("a"), tr.input(4, 0), []*peft.Tensor{peft.RandomState(1)}, nil))
		for i, p := range get(a.Trainable(peft.Use("a"))) {
			if slices.ContainsFunc(floatsOf(out[i]), func(v float32) bool { return v != 0 }) {
				delete(dead, p.FileKey())
			}
		}
	}
	for key, wrong := range dead {
		if wrong {
			tr.failf("%s is trainable, but its gradient is 0", key)
		}
	}
	tr.mustEqualValues("the backbone", frozen, frozenOf(a.Backbone()))
	tr.mustEqualValues("the adapter beside", other, valuesOf(a, "b"))
}

// step gives the trainable values after a step of gradient descent.
func (tr *trial) step(a *peft.Adapted) peft.Tensors {
	next := peft.Tensors{}
	params, grads := tr.gradients(a, "a")
	for i, p := range params {
		v, g := floatsOf(p.Value), floatsOf(grads[i])
		for j := range v {
			if v[j] -= 0.1 * g[j]; math.IsNaN(float64(v[j])) || math.IsInf(float64(g[j]), 0) {
				tr.failf("the gradient of %s holds %v", p.FileKey(), g[j])
			}
		}
		next[p.FileKey()] = tensors.FromFlatDataAndDimensions(v, p.Shape...)
	}
	return next
}

// lawLearns takes 20 steps of Adam from a fresh start, with dropout on.
func lawLearns(tr *trial) {
	const steps, rate, beta1, beta2, eps = 20, 0.02, 0.9, 0.999, 1e-8
	a := tr.fresh()
	loss := func() float64 {
		return float64(floatsOf(get(a.Forward(tr.ctx, peft.Use("a"), tr.input(4, 0)))["loss"])[0])
	}
	program := peft.Program{Key: "learn", Training: true, Build: func(c *seam.Call, in seam.Nodes, _ []*seam.Node) []*seam.Node {
		return c.Gradients(c.Loss(c.Forward(in)))
	}}
	rng := peft.RandomState(1)
	first := loss()
	var m, v [][]float64
	for step := 1; step <= steps; step++ {
		params := get(a.Trainable(peft.Use("a")))
		out := get(a.Run(tr.ctx, program, peft.Use("a"), tr.input(4, 0), []*peft.Tensor{rng}, nil))
		rng = out[len(out)-1]
		next := peft.Tensors{}
		for i, p := range params {
			value, g := floatsOf(p.Value), floatsOf(out[i])
			if step == 1 {
				m, v = append(m, make([]float64, len(value))), append(v, make([]float64, len(value)))
			}
			for j := range value {
				x := float64(g[j])
				m[i][j] = beta1*m[i][j] + (1-beta1)*x
				v[i][j] = beta2*v[i][j] + (1-beta2)*x*x
				mean := m[i][j] / (1 - math.Pow(beta1, float64(step)))
				square := v[i][j] / (1 - math.Pow(beta2, float64(step)))
				value[j] -= float32(rate * mean / (math.Sqrt(square) + eps))
			}
			next[p.FileKey()] = tensors.FromFlatDataAndDimensions(value, p.Shape...)
		}
		tr.ok(publish(get(a.Adapter("a")), next))
	}
	if last := loss(); !(last < first*(1-1e-3)) {
		tr.failf("after %d steps of Adam the loss is %g, from %g", steps, last, first)
	}
}
