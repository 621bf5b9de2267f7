package pefttest

import (
	"maps"
	"slices"

	"github.com/gopeft/gopeft/peft"
	"github.com/gopeft/gopeft/peft/seam"
)

func lawIdentity(tr *trial) {
	bare := tr.bare(tr.backbone())
	started := tr.logits(tr.fresh(), peft.Use("a"))
	bound, why := 0.0, ""
	if s, ok := tr.method().(seam.Starter); ok {
		bound, why = s.StartError()
	}
	switch {
	case bound == 0:
		tr.mustBeSame("outputs with a fresh adapter", bare, started)
	case why == "":
		tr.failf("the method says that a fresh adapter moves the outputs by %g, and no reason", bound)
	default:
		tr.mustBeNear("outputs with a fresh adapter ("+why+")", bare, started, bound)
	}
}

func lawCount(tr *trial) {
	a := tr.fresh()
	b := a.Backbone()
	ad := get(a.Adapter("a"))
	trainable, idle, added, saved := 0, 0, 0, 0
	sites := map[string]bool{"": true}
	for _, s := range b.Sites() {
		sites[s.Path] = true
	}
	for _, path := range ad.Sites() {
		if !sites[path] {
			tr.failf("the plan acts at %q, which is no site", path)
		}
	}
	frozen := maps.Collect(b.Values())
	keys, names := map[string]bool{}, map[string]bool{}
	for _, p := range ad.Params() {
		n := 1
		for _, d := range p.Shape {
			n *= d
		}
		if id := p.Site + " " + p.Name; names[id] {
			tr.failf("two values are called %q", id)
		} else {
			names[id] = true
		}
		if p.Replaces != "" && (frozen[p.Replaces] == nil || !slices.Equal(frozen[p.Replaces].Shape().Dimensions, p.Shape)) {
			tr.failf("%s stands for %s, which has not its shape %v", p.Name, p.Replaces, p.Shape)
		}
		if p.Buffer && p.Trains() {
			tr.failf("%s of %q is no parameter, and trains", p.Name, p.Site)
		}
		if p.InPlace && p.Replaces == "" {
			tr.failf("%s of %q is counted as changing a frozen value in place, and replaces none", p.Name, p.Site)
		}
		if p.Const != nil {
			if len(p.Const) != n {
				tr.failf("constant %s has %d values for shape %v", p.Name, len(p.Const), p.Shape)
			}
			if p.Counted {
				added += n
			}
			continue
		}
		if keys[p.FileKey()] {
			tr.failf("two values are saved as %q", p.FileKey())
		}
		keys[p.FileKey()] = true
		saved += n
		if !p.InPlace && !p.Buffer {
			added += n
		}
		switch {
		case p.Trains():
			trainable += n
		case p.Idle:
			idle += n
		}
	}
	inHand := 0
	for _, t := range ad.Values() {
		inHand += t.Size()
	}
	_, grads := tr.gradients(a, "a")
	graded := 0
	for _, g := range grads {
		graded += g.Size()
	}
	for _, n := range []struct {
		what      string
		want, got int
	}{
		{"NumTrainable", trainable + idle, a.NumTrainable()},
		{"NumAdded", added, ad.NumAdded()},
		{"NumTotal", b.NumParams() + added, a.NumTotal()},
		{"values in hand", saved, inHand},
		{"values with a gradient", trainable, graded},
	} {
		if n.want != n.got {
			tr.failf("%s: got %d, want %d", n.what, n.got, n.want)
		}
	}
	if want := tr.c.Trainable; want != 0 && want != a.NumTrainable() {
		tr.failf("NumTrainable by the case's formula: got %d, want %d", a.NumTrainable(), want)
	}
}

func lawSeed(tr *trial) {
	draw := func(seed uint64) (*peft.Adapted, map[string][]byte) {
		a := get(peft.Attach(tr.backbone(), "a", tr.cfg, fed(tr.cfg, peft.Seed(seed))...))
		return a, valuesOf(a, "a")
	}
	a, one := draw(1)
	_, again := draw(1)
	tr.mustEqualValues("with the same seed the adapter", one, again)
	_, other := draw(2)
	random := slices.ContainsFunc(get(a.Adapter("a")).Params(), func(p seam.Param) bool { return p.Init != nil })
	if random && maps.EqualFunc(one, other, slices.Equal) {
		tr.failf("values are drawn, but another seed gives the same")
	}
}
