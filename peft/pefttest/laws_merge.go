package pefttest

import (
	"errors"
	"maps"

	"github.com/gopeft/gopeft/peft"
	"github.com/gopeft/gopeft/peft/seam"
)

// mergeBound allows for products that are added up in another order.
const mergeBound = 1e-5

// mergeable reports whether the case can be merged: by its Merger or WeightHook, or because it only puts values in place of others.
func (tr *trial) mergeable(a *peft.Adapted) bool {
	return !tr.c.NoMerge && (seam.CanMerge(tr.method()) || len(get(a.Adapter("a")).Sites()) == 0)
}

func lawMerge(tr *trial) {
	a := tr.stirred("a")
	want := tr.logits(a, peft.Use("a"))
	merged, err := a.Merge(tr.ctx, peft.Use("a"))
	if !tr.mergeable(a) {
		if !errors.Is(err, peft.ErrMerge) {
			tr.failf("the case can't be merged: want ErrMerge, got: %v", err)
		}
		return
	}
	tr.ok(err)
	tr.mustBeNear("merged outputs", want, tr.bare(merged), mergeBound)
	tr.mustBeSame("outputs of the adapter after merging", want, tr.logits(a, peft.Use("a")))
}

func lawUnmerge(tr *trial) {
	a := tr.stirred("a")
	frozen, bare := frozenOf(a.Backbone()), tr.bare(a.Backbone())
	if !tr.mergeable(a) {
		return
	}
	back := get(a.Merge(tr.ctx, peft.Use("a"))).Unmerge()
	tr.mustEqualValues("the unmerged backbone", frozen, frozenOf(back))
	tr.mustBeSame("outputs of the unmerged backbone", bare, tr.bare(back))
}

// lawToLoRA leaves alone what has no plain LoRA: changes of biases alone, convolutions in groups. A test that does not import
// package lora, whose file this makes, holds nothing to it; that of peft/all holds every method.
func lawToLoRA(tr *trial) {
	if _, ok := maps.Collect(seam.Types())["LORA"]; !ok {
		return
	}
	a := tr.stirred("a")
	_, err := a.ToLoRA(tr.ctx, "a", "plain", peft.LoRAOptions{Energy: 1})
	switch can := tr.mergeable(a); {
	case errors.Is(err, peft.ErrUnsupported), !can && errors.Is(err, peft.ErrMerge):
		return
	case can && len(get(a.Adapter("a")).Sites()) == 0 && errors.Is(err, peft.ErrMerge): // what trains is no weight of a map
		return
	}
	tr.ok(err)
	tr.mustBeNear("outputs of the plain LoRA", tr.logits(a, peft.Use("a")), tr.logits(a, peft.Use("plain")), mergeBound)
}

func lawDisable(tr *trial) {
	b := tr.backbone()
	frozen, bare := frozenOf(b), tr.bare(b)
	a := peft.New(b)
	tr.add(a, "a")
	with := tr.logits(a, peft.Use("a"))
	if same(bare, with) {
		tr.failf("the adapter does nothing, so that nothing can be told of switching it off")
	}
	tr.mustBeSame("outputs beside an adapter that is not used", bare, tr.logits(a, peft.Base()))
	tr.ok(a.Delete("a"))
	tr.mustBeSame("outputs after the adapter was deleted", bare, tr.logits(a, peft.Base()))
	tr.mustEqualValues("the backbone", frozen, frozenOf(b))
	if _, err := a.Forward(tr.ctx, peft.Use("a"), tr.input(4, 0)); !errors.Is(err, peft.ErrAdapter) {
		tr.failf("a deleted adapter: want ErrAdapter, got: %v", err)
	}
}
