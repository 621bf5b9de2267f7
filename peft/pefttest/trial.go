package pefttest

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"path/filepath"

	"github.com/gomlx/gomlx/core/tensors"

	"github.com/gopeft/gopeft/peft"
	"github.com/gopeft/gopeft/peft/seam"
)

// trial is a case under one law. Its methods end the law with a failure where something goes wrong, so that laws
// read as plain steps; law.check catches it. They must be called from the law's own goroutine.
type trial struct {
	c   Case
	ctx context.Context
	cfg peft.Config
	tmp string
}

// failure ends a law.
type failure struct{ err error }

func (tr *trial) failf(format string, args ...any) { panic(failure{fmt.Errorf(format, args...)}) }

func (tr *trial) ok(err error) {
	if err != nil {
		panic(failure{err})
	}
}

// get is a result without its error.
func get[T any](v T, err error) T {
	if err != nil {
		panic(failure{err})
	}
	return v
}

func newTrial(c Case, dir string) *trial {
	return &trial{c: c, ctx: context.Background(), cfg: c.Config, tmp: dir}
}

// dir is a path in the law's own folder.
func (tr *trial) dir(name string) string { return filepath.Join(tr.tmp, name) }

// backbone makes a fresh one.
func (tr *trial) backbone() *peft.Backbone { return get(tr.c.Backbone()) }

// fresh puts an adapter "a" on a fresh backbone.
func (tr *trial) fresh() *peft.Adapted {
	return get(peft.Attach(tr.backbone(), "a", tr.cfg, fed(tr.cfg)...))
}

// stirred puts adapters on a fresh backbone, with values away from their start, different by name.
func (tr *trial) stirred(names ...string) *peft.Adapted {
	a := peft.New(tr.backbone())
	for _, n := range names {
		tr.add(a, n)
	}
	return a
}

// add puts one adapter more on a backbone, as stirred does.
func (tr *trial) add(a *peft.Adapted, name string) {
	seed := uint64(name[0])
	tr.ok(a.Attach(name, tr.cfg, fed(tr.cfg, peft.Seed(seed))...))
	tr.stir(a, name, seed)
}

// stir moves every trainable value of an adapter by up to 0.3.
func (tr *trial) stir(a *peft.Adapted, name string, seed uint64) {
	tr.ok(publish(get(a.Adapter(name)), tr.moved(a, name, seed)))
}

func (tr *trial) moved(a *peft.Adapted, name string, seed uint64) peft.Tensors {
	r := rand.New(rand.NewPCG(seed, 7))
	next := peft.Tensors{}
	for _, p := range get(a.Trainable(peft.Use(name))) {
		flat := floatsOf(p.Value)
		for i := range flat {
			flat[i] += float32(0.6*r.Float64() - 0.3)
		}
		next[p.FileKey()] = tensors.FromFlatDataAndDimensions(flat, p.Shape...)
	}
	if len(next) == 0 {
		tr.failf("nothing trains")
	}
	return next
}

// input is the tiny batch with the case's own arguments.
func (tr *trial) input(rows, shift int) peft.Tensors {
	in := tinyInput(rows, shift)
	if tr.c.Arguments != nil {
		maps.Copy(in, tr.c.Arguments(rows))
	}
	return in
}

// logits runs the tiny batch.
func (tr *trial) logits(a *peft.Adapted, sel peft.Selection) *peft.Tensor {
	return get(a.Forward(tr.ctx, sel, tr.input(4, 0)))["logits"]
}

// bare gives the logits of a backbone without adapters.
func (tr *trial) bare(b *peft.Backbone) *peft.Tensor {
	return get(b.Forward(tr.ctx, tinyInput(4, 0)))["logits"]
}

// gradients gives what trains in an adapter, with its gradients.
func (tr *trial) gradients(a *peft.Adapted, name string) ([]peft.TrainableParam, []*peft.Tensor) {
	_, grads, err := a.Gradients(tr.ctx, peft.Use(name), tr.input(4, 0))
	tr.ok(err)
	params := get(a.Trainable(peft.Use(name)))
	if len(params) != len(grads) {
		tr.failf("%d gradients for %d trainable values", len(grads), len(params))
	}
	return params, grads
}

// method gives the technique itself, for its traits.
func (tr *trial) method() seam.Method { return get(tr.cfg.Method()) }

// builds counts how often a program of its own is built. The zero value is ready.
type builds int

// program gives the logits and the loss; with dropout on when training.
func (n *builds) program(training bool) peft.Program {
	return peft.Program{Key: "conform", Training: training, Build: func(c *seam.Call, in seam.Nodes, _ []*seam.Node) []*seam.Node {
		*n++
		out := c.Forward(in)
		return []*seam.Node{out["logits"], out["loss"]}
	}}
}

func (tr *trial) run(p peft.Program, a *peft.Adapted, sel peft.Selection, in peft.Tensors) *peft.Tensor {
	var extra []*peft.Tensor
	if p.Training {
		extra = append(extra, peft.RandomState(3))
	}
	return get(a.Run(tr.ctx, p, sel, in, extra, nil))[0]
}

// publish sets values that belong to the adapter's own config.
func publish(ad *peft.Adapter, values peft.Tensors) error { return ad.Set(ad.Config(), values) }
