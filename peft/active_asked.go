package peft

import (
	"fmt"
	"maps"

	"github.com/gopeft/gopeft/peft/seam"
)

// withoutAsked gives the arguments of a call without those that only the adapters ask for.
func (act *active) withoutAsked(in Tensors) Tensors {
	out := in
	for _, s := range act.slots {
		a, ok := s.adapter.method.(seam.Asker)
		if !ok {
			continue
		}
		if len(out) == len(in) {
			out = maps.Clone(in)
		}
		for _, arg := range a.Arguments() {
			delete(out, arg.Name)
		}
	}
	return out
}

// checkAsked looks at the arguments that the adapters ask for.
func (act *active) checkAsked(in Tensors) error {
	for _, s := range act.slots {
		a, ok := s.adapter.method.(seam.Asker)
		if !ok {
			continue
		}
		for _, arg := range a.Arguments() {
			if !arg.Optional && in[arg.Name] == nil {
				return seam.Inputf(arg.Name, "is missing: adapter %q (%s) asks for it", s.adapter.name, s.adapter.cfg.PEFTType())
			}
		}
		if err := a.CheckArguments(in); err != nil {
			return fmt.Errorf("adapter %q: %w", s.adapter.name, err)
		}
	}
	return nil
}
