package golden

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"slices"

	"github.com/gopeft/gopeft/internal/names"
	"github.com/gopeft/gopeft/internal/safetensors"
	"github.com/gopeft/gopeft/models"
	"github.com/gopeft/gopeft/peft"
	"github.com/gopeft/gopeft/peft/seam"
)

// Outputs compares what the adapter computes as loaded, and as it stood before it was saved where that is more.
func (r *Run) Outputs(ctx context.Context) error {
	a, _, err := r.start()
	if err != nil {
		return err
	}
	out, err := r.computes(ctx, a)
	if err != nil {
		return err
	}
	err = r.Tolerance.NearAll("outputs", Under(r.Case.Golden, "out."), out)
	want := Under(r.Case.Golden, "loaded.")
	if len(want) == 0 {
		return err
	}
	loaded, failed := r.Load()
	if failed != nil {
		return errors.Join(err, failed)
	}
	if out, failed = loaded.Forward(ctx, loaded.All(), r.In); failed != nil {
		return errors.Join(err, failed)
	}
	return errors.Join(err, r.Tolerance.NearAll("outputs as loaded", want, out))
}

// Gradients compares the gradient of each trainable value; the sets of values must be the same.
func (r *Run) Gradients(ctx context.Context) error {
	if r.Case.InferenceOnly {
		return nil
	}
	a, ad, err := r.start()
	if err != nil {
		return err
	}
	out, grads, err := r.look(ctx, a)
	if err != nil {
		return err
	}
	params, err := a.Trainable(a.All())
	if err != nil {
		return err
	}
	got, want := peft.Tensors{}, peft.Tensors{}
	for i, p := range params {
		got[p.FileKey()] = grads[i]
	}
	for name, t := range Under(r.Case.Golden, "grad.") {
		want[fileKey(ad, name)] = t
	}
	tol := r.Tolerance
	if r.Amplified != nil {
		tol = r.Amplified.Gradients
	}
	errs := []error{
		r.Tolerance.NearAll("outputs beside gradients", Under(r.Case.Golden, "out."), out),
		tol.NearAll("gradient", want, got),
	}
	for _, p := range params {
		if p.Idle { // torch has no gradient where nothing depends on a value
			delete(got, p.FileKey())
		}
	}
	for _, key := range slices.Sorted(maps.Keys(got)) {
		if want[key] == nil {
			errs = append(errs, fmt.Errorf("gradient: %s trains here and not in the reference", key))
		}
	}
	return errors.Join(errs...)
}

// Counts compares the numbers of parameters while it trains.
func (r *Run) Counts() error {
	a, _, err := r.start()
	if err != nil {
		return err
	}
	var errs []error
	if got := a.NumTrainable(); got != r.Case.Trainable && !r.Case.InferenceOnly {
		errs = append(errs, fmt.Errorf("%d parameters train, want %d", got, r.Case.Trainable))
	}
	if got := a.NumTotal(); r.Case.Total != 0 && got != r.Case.Total {
		errs = append(errs, fmt.Errorf("%d parameters in all, want %d", got, r.Case.Total))
	}
	return errors.Join(errs...)
}

// Merge folds the adapter in, takes it out, and writes the merged backbone as a checkpoint that opens by itself. Where
// the reference can't merge this may not either, but what it does must be right.
func (r *Run) Merge(ctx context.Context, dir string) error {
	before, err := frozen(r.Base.Backbone)
	if err != nil {
		return err
	}
	a, err := r.Load()
	if err != nil {
		return err
	}
	merged, err := a.Merge(ctx, a.All())
	if r.Case.MergeLossDiff == nil && errors.Is(err, peft.ErrMerge) {
		return nil
	}
	if err != nil {
		return err
	}
	want := Under(r.Case.Golden, "out.")
	if d := r.Case.MergeLossDiff; d != nil && *d > r.Tolerance.Abs {
		delete(want, "loss") // the reference's unmerged loss has a term that is no function of the outputs
	}
	out, err := merged.Forward(ctx, r.In)
	if err != nil {
		return err
	}
	errs := []error{r.Tolerance.NearAll("merged", want, out), Same("backbone after merging", before, view(r.Base.Backbone))}
	back := merged.Unmerge()
	errs = append(errs, Same("unmerged", before, view(back)))
	again, err := back.Forward(ctx, r.Base.In)
	if err != nil {
		return errors.Join(append(errs, err)...)
	}
	errs = append(errs, fine.NearAll("unmerged", r.Base.Out, again), r.export(ctx, merged, out, dir))
	return errors.Join(errs...)
}

// export writes a merged backbone and opens it again.
func (r *Run) export(ctx context.Context, merged *peft.Backbone, want peft.Tensors, dir string) error {
	err := merged.Save(dir)
	if errors.Is(err, peft.ErrMerge) && (r.Case.MergeLossDiff == nil || untied(merged)) {
		return nil
	}
	if err != nil {
		return err
	}
	opened, err := models.Load(dir, models.On(merged.Engine()))
	if err != nil {
		return err
	}
	if drawn := opened.Origin().Drawn; len(drawn) > 0 {
		return fmt.Errorf("export lacks %v", drawn)
	}
	errs := []error{Same("exported values", view(merged), view(opened))}
	if merged.Info().Layers == r.Base.Backbone.Info().Layers { // an adapter that repeats blocks makes a deeper model
		errs = append(errs, sameNames(filepath.Join(r.Base.Backbone.Origin().Dir, checkpoint), filepath.Join(dir, checkpoint)))
	}
	if !r.Shared { // an opened backbone compiles for itself
		got, err := opened.Forward(ctx, r.In)
		errs = append(errs, err, Same("exported", want, got))
	}
	return errors.Join(errs...)
}

// untied tells whether merging made values differ that config.json says are one, which no checkpoint can hold.
func untied(b *peft.Backbone) bool {
	values := maps.Collect(b.Values())
	for path, same := range b.Origin().Tied {
		if values[path] != values[same] {
			return true
		}
	}
	return false
}

// checkpoint is the file that transformers keeps a model's values in.
const checkpoint = "model.safetensors"

// sameNames wants two checkpoints to hold the same tensors, tied ones once.
func sameNames(wantPath, gotPath string) error {
	want, err := ReadTensors(wantPath)
	if err != nil {
		return err
	}
	got, err := ReadTensors(gotPath)
	if err != nil {
		return err
	}
	w, g := slices.Sorted(maps.Keys(want)), slices.Sorted(maps.Keys(got))
	if !slices.Equal(w, g) {
		return fmt.Errorf("export holds %v, want %v", g, w)
	}
	return nil
}

// File saves the adapter as loaded: the content of HF PEFT's own file, in this project's bytes.
func (r *Run) File(dir string) error {
	a, err := r.Load()
	if err != nil {
		return err
	}
	if err := a.Save(dir); err != nil {
		return err
	}
	if r.Case.ChangesBase {
		return nil
	}
	want, err := savedBy(r.Case.Dir)
	if err != nil {
		return err
	}
	got, err := ReadTensors(filepath.Join(dir, peft.WeightsFile))
	if err != nil {
		return err
	}
	for path, v := range r.Base.Backbone.Values() { // the backbone's own embeddings, which HF PEFT writes beside an adapter on them
		module, name := names.CutLast(path)
		if key := "base_model.model." + module + ".base_layer." + name; got[key] == nil && want[key] != nil && v.Equal(want[key]) {
			delete(want, key)
		}
	}
	return errors.Join(
		r.withoutCopies(a, want),
		withoutZeros(a, want),
		Same("saved tensors", want, got),
		sameConfig(filepath.Join(r.Case.Dir, peft.ConfigFile), filepath.Join(dir, peft.ConfigFile)),
	)
}

// withoutZeros takes out of HF PEFT's tensors those that the method passes over in files (seam.Ignorer) and that are all zero.
func withoutZeros(a *peft.Adapted, want peft.Tensors) error {
	for _, name := range a.Names() {
		ad, err := a.Adapter(name)
		if err != nil {
			return err
		}
		m, err := ad.Config().Method()
		if err != nil {
			return err
		}
		if ignorer, ok := m.(seam.Ignorer); ok {
			maps.DeleteFunc(want, func(key string, t *peft.Tensor) bool {
				flat, err := safetensors.Floats(t)
				return err == nil && ignorer.Ignores(key) && !slices.ContainsFunc(flat, func(v float32) bool { return v != 0 })
			})
		}
	}
	return nil
}

// withoutCopies takes out of HF PEFT's tensors those that repeat a value which sites share, and wants them to be that value:
// files here hold it once.
func (r *Run) withoutCopies(a *peft.Adapted, want peft.Tensors) error {
	var errs []error
	for _, name := range a.Names() {
		ad, err := a.Adapter(name)
		if err != nil {
			return err
		}
		for _, p := range ad.Params() {
			for _, key := range p.CopyKeys() {
				if t := want[key]; t != nil {
					errs = append(errs, Tolerance{}.Near("a copy, "+key, want[p.FileKey()], t))
					delete(want, key)
				}
			}
		}
	}
	return errors.Join(errs...)
}

// Reload saves, opens and saves again: equal bytes, and equal bits of every output.
func (r *Run) Reload(ctx context.Context, dir string) error {
	a, _, err := r.start()
	if err != nil {
		return err
	}
	first, second := filepath.Join(dir, "first"), filepath.Join(dir, "second")
	if err := a.Save(first); err != nil {
		return err
	}
	b, err := peft.Load(r.Base.Backbone, first)
	if err != nil {
		return err
	}
	if err := b.Save(second); err != nil {
		return err
	}
	errs := []error{sameFiles(first, second)}
	want, err := r.computes(ctx, a)
	if err != nil {
		return err
	}
	if r.Shared && len(Under(r.Case.Golden, "loaded.")) > 0 { // the file holds less than trained: see Outputs, which runs this program
		got, err := b.Forward(ctx, b.All(), r.In)
		return errors.Join(append(errs, err, r.Tolerance.NearAll("reloaded", want, got))...)
	}
	got, err := r.computes(ctx, b)
	return errors.Join(append(errs, err, Same("reloaded", want, got))...)
}

func sameFiles(first, second string) error {
	one, err := readDir(first)
	if err != nil {
		return err
	}
	two, err := readDir(second)
	if err != nil {
		return err
	}
	if !maps.Equal(one, two) {
		return fmt.Errorf("saving what was saved gives other bytes: %v, then %v", slices.Sorted(maps.Keys(one)), slices.Sorted(maps.Keys(two)))
	}
	return nil
}

// view gives a backbone's values by path.
func view(b *peft.Backbone) peft.Tensors {
	out := peft.Tensors{}
	for path, t := range b.Values() {
		out[path] = t
	}
	return out
}

// frozen copies a backbone's values.
func frozen(b *peft.Backbone) (peft.Tensors, error) {
	out := peft.Tensors{}
	for path, t := range b.Values() {
		var err error
		if out[path], err = t.LocalClone(); err != nil {
			return nil, err
		}
	}
	return out, nil
}
