package peft

import (
	"context"

	"github.com/gopeft/gopeft/peft/seam"
)

// alone gives an Adapted that has this adapter only, on any backbone.
func (a *Adapter) alone(b *Backbone) *Adapted {
	return &Adapted{backbone: b, adapters: map[string]*Adapter{a.name: a}}
}

// computer gives a function that computes with the values of a snapshot, for methods whose files hold something else
// than they train.
func (a *Adapter) computer(now *snapshot) func(func(at *seam.At) *seam.Node) (*Tensor, error) {
	return func(build func(at *seam.At) *seam.Node) (*Tensor, error) {
		p := program{key: "export", build: func(b *seam.Builder, _ seam.Nodes, _ []*seam.Node) ([]*seam.Node, []string) {
			return []*seam.Node{build(b.At())}, nil
		}}
		var values []*Tensor
		for i := range a.plan.Params {
			if a.plan.Params[i].Trains() {
				values = append(values, now.values[i])
			}
		}
		out, _, err := a.alone(a.backbone).run(context.Background(), p, Use(a.name), nil, nil, values)
		if err != nil {
			return nil, err
		}
		return out[0], nil
	}
}
