package golden

import (
	"context"
	"errors"
	"fmt"
	"math"
	"path/filepath"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"

	"github.com/gopeft/gopeft/optim"
	"github.com/gopeft/gopeft/peft"
)

// lossesTolerance is the fixtures' README's for a trajectory.
const lossesTolerance = 1e-3

// Training repeats the reference's run: its losses, the values it ends with under their keys in the saved file, and
// what the adapter computes with them.
func (r *Run) Training(ctx context.Context, dir string) error {
	if r.Case.Stochastic {
		return nil
	}
	a, ad, err := r.start()
	if err != nil {
		return err
	}
	losses, err := r.train(ctx, a, ad)
	if err != nil {
		return err
	}
	if err := a.Save(dir); err != nil {
		return err
	}
	got, err := ReadTensors(filepath.Join(dir, peft.WeightsFile))
	if err != nil {
		return err
	}
	want := Under(r.Case.Golden, "train.param.")
	idle, err := r.idle(ad)
	if err != nil {
		return err
	}
	errs := []error{r.losses(losses)}
	for key := range idle {
		errs = append(errs, wander(r.Case).Near("trained: "+key, want[key], got[key]))
		idle[key] = want[key]
		delete(want, key)
	}
	errs = append(errs, r.Tolerance.NearAll("trained", want, got), ad.Set(idle))
	out, err := a.Forward(ctx, a.All(), r.Base.In)
	return errors.Join(append(errs, err, r.Tolerance.NearAll("outputs after training", Under(r.Case.Golden, "train.final."), out))...)
}

// losses compares a run's losses with the reference's.
func (r *Run) losses(got []float32) error {
	want, err := tensors.CopyFlatData[float32](r.Case.Golden["train.losses"])
	if err != nil {
		return err
	}
	if len(want) != len(got) {
		return fmt.Errorf("%d losses, want %d", len(got), len(want))
	}
	for i, w := range want {
		if !(math.Abs(float64(got[i])-float64(w)) <= lossesTolerance*math.Abs(float64(w))) {
			err = errors.Join(err, fmt.Errorf("loss of step %d: is %v, want %v", i+1, got[i], w))
		}
	}
	return err
}

// rounding bounds the gradients that are 0 but for rounding. In the fixtures these reach 4e-8, and the next larger
// gradient of any tensor is 2e-5.
const rounding = 1e-7

// idle gives the keys whose gradient is nothing but rounding, such as the bias of an attention's keys, which moves all
// scores alike. Adam divides a gradient by its own size, so such values wander at the full learning rate, another way
// on every machine: they are held to how far they can get, and the outputs compared with the reference's in their place.
func (r *Run) idle(ad *peft.Adapter) (peft.Tensors, error) {
	out := peft.Tensors{}
	for key, t := range Under(r.Case.Golden, "grad.") {
		g, err := tensors.CopyFlatData[float32](t)
		if err != nil {
			return nil, err
		}
		most := 0.0
		for _, x := range g {
			most = max(most, math.Abs(float64(x)))
		}
		if most > 0 && most < rounding {
			out[fileKey(ad, key)] = t
		}
	}
	return out, nil
}

// wander is how far apart two values can get that Adam moves both at the full learning rate, in opposite ways.
func wander(c *Case) Tolerance {
	return Tolerance{Abs: 2 * c.Optimizer.LR * float64(c.Optimizer.Steps)}
}

// train runs the case's optimiser on the adapter, the whole step one compiled program, and publishes what it ends with.
func (r *Run) train(ctx context.Context, a *peft.Adapted, ad *peft.Adapter) ([]float32, error) {
	o := r.Case.Optimizer
	if o.Type != "AdamW" {
		return nil, fmt.Errorf("case.json: optimizer %q is not known to the runner", o.Type)
	}
	params, err := a.Trainable(a.All())
	if err != nil {
		return nil, err
	}
	values := make([]*peft.Tensor, len(params))
	bound := make([]optim.Param, len(params))
	for i, p := range params {
		values[i], bound[i] = p.Value, optim.Param{Path: p.FileKey(), Shape: p.Value.Shape()}
	}
	adamW := optim.AdamW{LR: o.LR, Betas: o.Betas, Eps: o.Eps, WeightDecay: o.Decay}
	plan, err := optim.Build(adamW.Transform(), bound)
	if err != nil {
		return nil, err
	}
	var state []*peft.Tensor
	for _, s := range plan.Slots() {
		state = append(state, tensors.FromShape(s.Shape)) // AdamW's moments start at 0
	}
	program := peft.Program{Key: "golden step " + plan.Key(), Build: func(c *peft.Call, in peft.Nodes, extra []*peft.Node) []*peft.Node {
		loss := c.Loss(c.Forward(in))
		next, moments, _ := plan.Apply(c.Trainable(), graph.Gradient(loss, c.Trainable()...), extra[1:], extra[0])
		return append(append([]*peft.Node{loss}, next...), moments...)
	}}
	var losses []float32
	for step := 1; step <= o.Steps; step++ {
		numbers, err := plan.Scalars(step, adamW.Rate())
		if err != nil {
			return nil, err
		}
		extra := append([]*peft.Tensor{tensors.FromValue(numbers)}, state...)
		out, err := a.Run(ctx, program, a.All(), r.Base.In, extra, values)
		if err != nil {
			return nil, err
		}
		losses = append(losses, tensors.ToScalar[float32](out[0]))
		values, state = out[1:1+len(params)], out[1+len(params):]
	}
	final := peft.Tensors{}
	for i, p := range params {
		final[p.FileKey()] = values[i]
	}
	return losses, ad.Set(final)
}
