package pefttest

import (
	"bytes"
	"math"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/gopeft/gopeft/peft"
)

func lawIsolation(tr *trial) {
	a := tr.stirred("a", "b")
	frozen, before, other := frozenOf(a.Backbone()), valuesOf(a, "a"), valuesOf(a, "b")
	params, grads := tr.gradients(a, "a")
	next := peft.Tensors{}
	for i, p := range params {
		v, g := floatsOf(p.Value), floatsOf(grads[i])
		norm := 0.0
		for j := range v {
			norm += float64(g[j]) * float64(g[j])
			v[j] -= 0.1 * g[j]
		}
		if !(norm > 0) || math.IsInf(norm, 0) {
			tr.failf("%s is trainable, but its gradient has norm %g", p.FileKey(), math.Sqrt(norm))
		}
		next[p.FileKey()] = tensors.FromFlatDataAndDimensions(v, p.Shape...)
	}
	tr.ok(get(a.Adapter("a")).Set(next))
	after := valuesOf(a, "a")
	for key := range before {
		_, trained := next[key]
		if changed := !bytes.Equal(before[key], after[key]); changed != trained {
			tr.failf("%s: changed by a step: %t, trainable: %t", key, changed, trained)
		}
	}
	tr.mustEqualValues("the backbone", frozen, frozenOf(a.Backbone()))
	tr.mustEqualValues("the adapter beside", other, valuesOf(a, "b"))
}

// lawLearns takes 20 steps of Adam from a fresh start, with dropout on.
func lawLearns(tr *trial) {
	const steps, rate, beta1, beta2, eps = 20, 0.02, 0.9, 0.999, 1e-8
	a := tr.fresh()
	loss := func() float64 {
		return float64(floatsOf(get(a.Forward(tr.ctx, peft.Use("a"), tinyInput(4, 0)))["loss"])[0])
	}
	program := peft.Program{Key: "learn", Training: true, Build: func(c *peft.Call, in peft.Nodes, _ []*peft.Node) []*peft.Node {
		return graph.Gradient(c.Loss(c.Forward(in)), c.Trainable()...)
	}}
	rng := get(graph.RNGStateFromSeed(1))
	first := loss()
	var m, v [][]float64
	for step := 1; step <= steps; step++ {
		params := get(a.Trainable(peft.Use("a")))
		out := get(a.Run(tr.ctx, program, peft.Use("a"), tinyInput(4, 0), []*peft.Tensor{rng}, nil))
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
		tr.ok(get(a.Adapter("a")).Set(next))
	}
	if last := loss(); !(last < first*(1-1e-3)) {
		tr.failf("after %d steps of Adam the loss is %g, from %g", steps, last, first)
	}
}
