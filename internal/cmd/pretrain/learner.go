package main

import (
	"context"
	"fmt"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/gopeft/gopeft/optim"
	"github.com/gopeft/gopeft/peft"
	"github.com/gopeft/gopeft/peft/seam"
)

const adapterName = "all"

// learner trains every weight of an encoder. A step is one compiled program.
type learner struct {
	adapted *peft.Adapted
	adapter *peft.Adapter
	plan    *optim.Updater
	keys    []string // of the values, in the order of Call.Trainable
	values  []*peft.Tensor
	state   []*peft.Tensor
	step    int
}

func newLearner(b *peft.Backbone, seed uint64) (*learner, error) {
	cfg := &pretraining{Common: peft.Common{ModulesToSave: wholeEncoder()}}
	adapted, err := peft.Attach(b, adapterName, cfg, peft.Seed(seed))
	if err != nil {
		return nil, err
	}
	l := &learner{adapted: adapted}
	if l.adapter, err = adapted.Adapter(adapterName); err != nil {
		return nil, err
	}
	list, err := adapted.Trainable(peft.Use(adapterName))
	if err != nil {
		return nil, err
	}
	var params []optim.Variable
	for _, p := range list {
		l.keys = append(l.keys, p.FileKey())
		l.values = append(l.values, p.Value)
		params = append(params, optim.Variable{Path: p.FileKey(), Shape: p.Value.Shape()})
	}
	rule := optim.AdamW{WeightDecay: 0.01, NoDecay: []string{"bias", "LayerNorm"}}
	if l.plan, err = optim.Build(optim.Chain{optim.ClipNorm{Max: 1}, rule.Transform()}, params); err != nil {
		return nil, err
	}
	for _, slot := range l.plan.Slots() {
		flat := make([]float32, slot.Shape.Size())
		for i := range flat {
			flat[i] = float32(slot.Fill)
		}
		l.state = append(l.state, tensors.FromFlatDataAndDimensions(flat, slot.Shape.Dimensions...))
	}
	return l, nil
}

// program is a step: both losses, their gradients, the update. Its outputs are the losses, the new values, the new
// state.
func (l *learner) program() peft.Program {
	return peft.Program{Key: "pretrain", Build: func(c *seam.Call, in seam.Nodes, extra []*seam.Node) []*seam.Node {
		values := c.Trainable()
		byKey := make(map[string]*seam.Node, len(values))
		for i, key := range l.keys {
			byKey[key] = values[i]
		}
		n := len(extra) - 3
		at, target, numbers := extra[n], extra[n+1], extra[n+2]
		out := c.Forward(in)
		words := lmLoss(c, func(name string) *seam.Node { return byKey[name] }, out["last_hidden_state"], at, target)
		sentences := sentenceLoss(out["pooler_output"])
		grads := graph.Gradient(graph.Add(words, sentences), values...)
		next, state, _ := l.plan.Apply(values, grads, extra[:n], numbers)
		return append(append([]*seam.Node{words, sentences}, next...), state...)
	}}
}

// learn does one step with a learning rate and gives the two losses before it.
func (l *learner) learn(ctx context.Context, b *batch, rate float64) (words, sentences float64, err error) {
	numbers, err := l.plan.Scalars(l.step+1, rate)
	if err != nil {
		return 0, 0, err
	}
	extra := append(append([]*peft.Tensor{}, l.state...), b.at, b.target, tensors.FromFlatDataAndDimensions(numbers, len(numbers)))
	out, err := l.adapted.Run(ctx, l.program(), peft.Use(adapterName), b.in, extra, l.values)
	if err != nil {
		return 0, 0, err
	}
	n := len(l.values)
	l.values, l.state = out[2:2+n], out[2+n:]
	l.step++
	if words, err = scalar(out[0]); err != nil {
		return 0, 0, err
	}
	sentences, err = scalar(out[1])
	return words, sentences, err
}

// result gives the values by their names in transformers' BertForMaskedLM, which has the encoder under "bert." and,
// as the checkpoints of BERT itself, the pooler beside it.
func (l *learner) result() peft.Tensors {
	out := peft.Tensors{}
	params := l.adapter.Params()
	for i, p := range params {
		name := p.Name
		if p.Replaces != "" {
			name = "bert." + p.Replaces
		}
		out[name] = l.values[i]
	}
	return out
}

func scalar(t *peft.Tensor) (float64, error) {
	var v float64
	err := t.ConstFlatData(func(flat any) {
		if f, ok := flat.([]float32); ok && len(f) == 1 {
			v = float64(f[0])
		}
	})
	if err == nil && v-v != 0 {
		err = fmt.Errorf("a loss is %v", v)
	}
	return v, err
}
