package peft

import (
	"fmt"
	"slices"
	"strings"

	"github.com/gopeft/gopeft/peft/seam"
)

// Warnings lists what is legal about an adapter but probably not meant, in a sentence each: settings without effect,
// a head with random values that the adapter neither trains nor saves. It is empty for most adapters.
func (a *Adapter) Warnings() []string {
	a = a.made()
	out := slices.Clone(a.plan.Warnings)
	if head := a.randomHead(); len(head) > 0 {
		out = append(out, fmt.Sprintf("%s of the backbone are random, since its folder lacks them, and adapter %q has none of its own",
			strings.Join(head, ", "), a.name))
	}
	return out
}

// randomHead lists the model's values that started random and that the adapter has none of its own for.
func (a *Adapter) randomHead() []string {
	return slices.DeleteFunc(slices.Clone(a.backbone.origin.Drawn), func(path string) bool {
		return slices.ContainsFunc(a.plan.Params, func(p seam.Param) bool { return p.Takes(path) })
	})
}

// checkHead refuses an adapter whose head is random and would be neither trained nor saved.
func (a *Adapter) checkHead() error {
	head := a.randomHead()
	if len(head) == 0 {
		return nil
	}
	fix := "list its modules in modules_to_save"
	if t := a.backbone.Info().TaskType(); t != "" {
		fix = fmt.Sprintf("set it to %s, or list the head's modules in modules_to_save", t)
	}
	return seam.Fieldf("task_type", "%s of the head are random, and would be neither trained nor saved with the adapter: %s (Lenient allows it)",
		strings.Join(head, ", "), fix)
}
