package peft

import (
	"context"
	"fmt"

	"github.com/gopeft/gopeft/peft/seam"
)

// LoRAOptions say how closely [Adapted.ToLoRA] follows an adapter. Give Rank, Energy or both.
type LoRAOptions struct {
	// Rank is the most that a module's LoRA may have; 0 sets no bound, which needs an Energy.
	Rank int
	// Energy is the share of each module's change, as the sum of its squares, that its LoRA must at least keep, in (0, 1]:
	// each module gets the smallest rank that does, within Rank. 0 gives every module the Rank.
	Energy float64
}

// LoRAReport tells how closely a plain LoRA follows the adapter that it was made of, module by module in the backbone's order.
type LoRAReport []LoRAModule

// LoRAModule is one module of a [LoRAReport].
type LoRAModule struct {
	Path string
	Rank int     // of its LoRA
	Norm float64 // the root of the sum of squares of the adapter's change of the weight
	// Error is what the LoRA misses of that, as a share of Norm: 0 is a LoRA that is the same but for rounding.
	Error float64
}

// ToLoRA makes a plain LoRA of an adapter of any type that changes weights, and attaches it to the backbone under the name as. It
// is what other programs read that know LoRA only. Each module gets the LoRA of its rank that is nearest to the adapter's change of the weight
// (Eckart and Young 1936), found by a randomised decomposition; the report tells how near that is. What the adapter trains besides
// (modules_to_save, biases) is taken over.
//
// An adapter that changes no weights matches [ErrMerge], options that can't be met [ErrConfig], a name that can't be used
// [ErrAdapter]. Package lora must be imported, directly or by peft/all.
func (a *Adapted) ToLoRA(ctx context.Context, name, as string, o LoRAOptions) (LoRAReport, error) {
	if err := a.ready(ctx); err != nil {
		return nil, err
	}
	ad, err := a.Adapter(name)
	if err != nil {
		return nil, err
	}
	switch {
	case o.Rank < 0 || o.Rank == 0 && o.Energy == 0:
		return nil, seam.Fieldf("Rank", "is %d with an Energy of %v: one of the two must be set", o.Rank, o.Energy)
	case !(o.Energy >= 0 && o.Energy <= 1):
		return nil, seam.Fieldf("Energy", "must be in (0, 1], is %v", o.Energy)
	}
	if err := a.takes(as); err != nil {
		return nil, err
	}
	fresh, report, err := a.toLoRA(ctx, ad, as, o)
	if err != nil {
		return nil, fmt.Errorf("%q to LoRA: %w", name, err)
	}
	return report, a.add(fresh)
}

// toLoRA makes the adapter without attaching it.
func (a *Adapted) toLoRA(ctx context.Context, ad *Adapter, as string, o LoRAOptions) (*Adapter, LoRAReport, error) {
	changes, sites, err := ad.changes(ctx)
	if err != nil {
		return nil, nil, err
	}
	plain := plainLoRA{of: ad, sites: sites, values: Tensors{}, ranks: map[string]int{}}
	for _, site := range sites {
		if err := ctx.Err(); err != nil {
			return nil, nil, err
		}
		if err := plain.add(site, changes, o); err != nil {
			return nil, nil, err
		}
	}
	cfg, err := plain.config()
	if err != nil {
		return nil, nil, err
	}
	fresh, err := New(ad.backbone).fresh(as, cfg, &options{})
	if err != nil {
		return nil, nil, err
	}
	fresh.ownSized = ad.ownSized
	now := ad.values.Load()
	_, option := ad.cfg.(biased)
	for i, p := range ad.plan.Params { // modules_to_save and biases
		if p.Saved != "" || option && p.Replaces != "" && p.Name == "bias" {
			plain.values[p.FileKey()] = now.values[i]
		}
	}
	return fresh, plain.report, fresh.publish(plain.values, options{})
}
