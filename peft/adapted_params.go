package peft

import "github.com/gopeft/gopeft/peft/seam"

// Trainable lists the values that training changes by their gradients, of all selected adapters. [Adapted.Gradients],
// [Adapted.Run] and [Adapter.Publish] have values in this order.
func (a *Adapted) Trainable(sel Selection) ([]TrainableParam, error) {
	return a.listed(sel, (*seam.Param).Trains)
}

func (a *Adapted) listed(sel Selection, wanted func(*seam.Param) bool) ([]TrainableParam, error) {
	act, err := a.resolve(sel, nil)
	if err != nil {
		return nil, err
	}
	var out []TrainableParam
	for _, s := range act.slots {
		for j, p := range s.params {
			if wanted(&p) {
				out = append(out, TrainableParam{Adapter: s.adapter.name, Param: p, Value: s.values[j]})
			}
		}
	}
	return out, nil
}

// TrainableParam is one value of an adapter that training changes, with what describes it: its Site, its Name and its
// Shape. A training loop of your own asks for them by [Adapted.Trainable].
type TrainableParam struct {
	Adapter string // the adapter's name
	seam.Param
	Value *Tensor // the value now; it must not be changed
}

// VirtualTokens counts the positions in front of a text that the selected adapters take with learned tokens. Texts
// must be shorter by as many. It is 0 for most methods.
func (a *Adapted) VirtualTokens(sel Selection) (int, error) {
	act, err := a.resolve(sel, nil)
	if err != nil {
		return 0, err
	}
	return act.virtual(), nil
}
