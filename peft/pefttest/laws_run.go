package pefttest

import (
	"context"
	"errors"
	"math"

	"github.com/gomlx/compute/dtypes"

	"github.com/gopeft/gopeft/internal/safetensors"
	"github.com/gopeft/gopeft/peft"
	"github.com/gopeft/gopeft/peft/seam"
)

func lawCancel(tr *trial) {
	a := tr.stirred("a")
	ctx, cancel := context.WithCancel(tr.ctx)
	cancel()
	mustCancel := func(what string, err error) {
		if !errors.Is(err, context.Canceled) {
			tr.failf("%s: want context.Canceled, got: %v", what, err)
		}
	}
	var n builds
	_, err := a.Run(ctx, n.program(false), peft.Use("a"), tr.input(4, 0), nil, nil)
	mustCancel("Run", err)
	if n != 0 {
		tr.failf("Run built a graph under a cancelled context")
	}
	_, err = a.Forward(ctx, peft.Use("a"), tr.input(4, 0))
	mustCancel("Forward", err)
	_, _, err = a.Gradients(ctx, peft.Use("a"), tr.input(4, 0))
	mustCancel("Gradients", err)
	if tr.mergeable(a) {
		_, err = a.Merge(ctx, peft.Use("a"))
		mustCancel("Merge", err)
	}
}

// halfBound is what 8 bits of mantissa may cost in one layer, relative to the largest logit.
const halfBound = 0.1

func lawHalf(tr *trial) {
	full := tr.backbone()
	held := peft.Tensors{}
	for path, t := range full.Values() {
		held[path] = get(safetensors.Convert(t, dtypes.BFloat16))
	}
	b := get(peft.NewBackbone(get(networkOf(full)), held, full.Engine(), seam.Origin{}))
	trained, dir := tr.stirred("a"), tr.dir("a")
	tr.ok(trained.SaveAdapter("a", dir)) // a fresh one may start elsewhere on rounded weights
	tr.mustBeNear("outputs on a bfloat16 backbone", tr.logits(trained, peft.Use("a")), tr.logits(get(peft.Load(b, dir)), peft.Use("a")), halfBound)
	a := peft.New(b)
	tr.add(a, "a")
	params, grads := tr.gradients(a, "a")
	for i, p := range params {
		if p.Value.DType() != dtypes.Float32 || grads[i].DType() != dtypes.Float32 {
			tr.failf("%s is %s and its gradient %s, want Float32", p.FileKey(), p.Value.DType(), grads[i].DType())
		}
		for _, g := range floatsOf(grads[i]) {
			if math.IsNaN(float64(g)) || math.IsInf(float64(g), 0) {
				tr.failf("the gradient of %s holds %v", p.FileKey(), g)
			}
		}
	}
	if !tr.mergeable(a) {
		return
	}
	for path, t := range get(a.Merge(tr.ctx, peft.Use("a"))).Values() {
		if t.DType() != dtypes.BFloat16 {
			tr.failf("merging turned %s into %s", path, t.DType())
		}
	}
}
