package pefttest

import (
	"encoding/json"
	"slices"

	"github.com/gopeft/gopeft/peft"
	"github.com/gopeft/gopeft/peft/seam"
)

func lawStable(tr *trial) {
	var n builds
	p := n.program(false)
	mustHaveBuilt := func(when string, want int) {
		if int(n) != want {
			tr.failf("%s: %d graphs were built, want %d", when, n, want)
		}
	}
	a := tr.fresh()
	use := peft.Use("a")
	before := tr.run(p, a, use, tr.input(4, 0))
	for _, rows := range []int{4, 4, 3, 3, 4, 3} {
		tr.run(p, a, use, tr.input(rows, rows))
	}
	mustHaveBuilt("shapes 4, 4, 3, 3, 4, 3 of a batch", 2)

	tr.stir(a, "a", 1)
	after := tr.run(p, a, use, tr.input(4, 0))
	mustHaveBuilt("other values of the adapter", 2)
	if same(before, after) {
		tr.failf("other values of the adapter give the same outputs")
	}
	// Adapters of equal shapes share the program, each with what it computes alone.
	tr.add(a, "b")
	shared := tr.run(p, a, peft.Use("b"), tr.input(4, 0))
	mustHaveBuilt("another adapter of the same shapes", 2)
	tr.mustBeSame("outputs of an adapter on a shared program", tr.run(p, tr.stirred("b"), peft.Use("b"), tr.input(4, 0)), shared)
}

// lawKey changes each setting in turn and runs both adapters on one backbone, where equal GraphKeys share a program.
func lawKey(tr *trial) {
	raw := get(seam.MarshalConfig(tr.cfg))
	a := tr.stirred("a")
	var n builds
	p := n.program(true)
	tr.run(p, a, peft.Use("a"), tr.input(4, 0))
	for key, value := range get(parseObject(raw)) {
		if slices.Contains(notSettings, key) {
			continue
		}
		for _, v := range variants(value) {
			cfg, err := peft.ParseConfig(change(raw, map[string]json.RawMessage{key: v}))
			if err != nil || tr.lacksArguments(cfg) || a.Attach("b", cfg, fed(cfg)...) != nil {
				continue // refused: lawBad's business
			}
			tr.stir(a, "b", 2)
			alone := get(peft.Attach(tr.backbone(), "b", cfg, fed(cfg)...))
			tr.stir(alone, "b", 2)
			want := tr.run(p, alone, peft.Use("b"), tr.input(4, 0))
			if !same(want, tr.run(p, a, peft.Use("b"), tr.input(4, 0))) {
				tr.failf("%s = %s shares a graph with %s, but is built in: add it to GraphKey", key, v, value)
			}
			tr.ok(a.Delete("b"))
		}
	}
}

// lacksArguments reports whether a config makes the method ask for an argument that the case does not give.
func (tr *trial) lacksArguments(cfg peft.Config) bool {
	m, err := cfg.Method()
	a, ok := m.(seam.Asker)
	if err != nil || !ok {
		return false
	}
	given := tr.input(1, 0)
	return slices.ContainsFunc(a.Arguments(), func(arg seam.Argument) bool { return !arg.Optional && given[arg.Name] == nil })
}
