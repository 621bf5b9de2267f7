package golden

import (
	"context"
	"errors"
	"fmt"
	"math"
	"path/filepath"
	"slices"

	"github.com/gomlx/gomlx/core/tensors"

	"github.com/gopeft/gopeft/peft"
)

// lossesTolerance is the fixtures' README's for a trajectory.
const lossesTolerance = 1e-3

// Training repeats the reference's run: its losses, the values it ends with under their keys in the saved file, and
// what the adapter computes with them.
func (r *Run) Training(ctx context.Context, dir string) error {
	if r.Case.Stochastic || r.Case.InferenceOnly || r.Case.OtherTrajectory != "" {
		return nil
	}
	a, ad, err := r.start(r.Trained...)
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
	errs := []error{r.losses(losses)}
	settled := peft.Tensors{}
	for name, grad := range Under(r.Case.Golden, "grad.") {
		key := fileKey(ad, name)
		if want[key] == nil || got[key] == nil {
			continue // which NearAll reports
		}
		t, err := r.settle("trained: "+key, grad, want[key], got[key])
		if errs = append(errs, err); t != nil {
			got[key], settled[key] = t, t
		}
	}
	tol := r.Tolerance
	if len(settled) > 0 { // the others followed where those went
		tol = Tolerance{max(tol.Abs, following.Abs), max(tol.Rel, following.Rel)}
	}
	for _, p := range ad.Params() {
		for _, key := range p.CopyKeys() { // of a value that files here hold once
			delete(want, key)
		}
	}
	if err := withoutZeros(a, want); err != nil {
		return err
	}
	final := tol
	if r.Amplified != nil {
		tol, final = r.Amplified.Trained, r.Amplified.Final
	}
	errs = append(errs, tol.NearAll("trained", want, got), ad.Set(ad.Config(), settled))
	out, err := r.computes(ctx, a)
	return errors.Join(append(errs, err, final.NearAll("outputs after training", Under(r.Case.Golden, "train.final."), out))...)
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

// faint bounds the gradients that rounding changes by a share that shows: in the fixtures it reaches 4e-8.
const faint = 1e-6

// settle gives a trained value with the reference's elements where the gradient is faint, and nil where it is so nowhere.
// Adam divides a gradient by its own size, so one that is 0 but for rounding, such as that of a bias of an attention's
// keys, which moves all scores alike, makes its element wander at the full learning rate, another way on every machine.
// Such elements are held to how far they can get. A gradient of just 0 moves nothing, unless all of the value's are
// faint.
func (r *Run) settle(name string, grad, want, got *peft.Tensor) (*peft.Tensor, error) {
	var flat [3][]float32
	for i, t := range []*peft.Tensor{grad, want, got} {
		var err error
		if flat[i], err = tensors.CopyFlatData[float32](t); err != nil {
			return nil, err
		}
	}
	g, w, out := flat[0], flat[1], flat[2]
	if len(g) != len(w) || len(w) != len(out) {
		return nil, nil // which NearAll reports
	}
	moved := slices.ContainsFunc(g, func(x float32) bool { return x != 0 })
	idle := moved && !slices.ContainsFunc(g, func(x float32) bool { return math.Abs(float64(x)) >= faint })
	most := 2 * r.Case.Optimizer.LR * float64(r.Case.Optimizer.Steps) // both at the full rate, in opposite ways
	found := false
	for i, x := range g {
		if math.Abs(float64(x)) >= faint || x == 0 && !idle {
			continue
		}
		if found = true; !(math.Abs(float64(w[i])-float64(out[i])) <= most) {
			return nil, fmt.Errorf("%s[%d]: is %v, want %v", name, i, out[i], w[i])
		}
		out[i] = w[i]
	}
	if !found {
		return nil, nil
	}
	return tensors.FromFlatDataAndDimensions(out, got.Shape().Dimensions...), nil
}

// train runs the case's optimiser on the adapter, the whole step one compiled program, and publishes what it ends with.
func (r *Run) train(ctx context.Context, a *peft.Adapted, ad *peft.Adapter) ([]float32, error) {
	s, err := r.steps(a)
	if err != nil {
		return nil, err
	}
	var losses []float32
	for range r.Case.Optimizer.Steps {
		m, err := s.next(ctx)
		if err != nil {
			return nil, err
		}
		losses = append(losses, m.loss)
	}
	final := peft.Tensors{}
	for i, p := range s.params {
		final[p.FileKey()] = s.values[i]
	}
	return losses, ad.Set(ad.Config(), final)
}
