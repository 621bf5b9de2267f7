package models

import (
	"fmt"
	"slices"
	"strings"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"

	"github.com/gopeft/gopeft/internal/safetensors"
	"github.com/gopeft/gopeft/models/arch"
	"github.com/gopeft/gopeft/peft"
)

// reader takes a network's values from a checkpoint.
type reader struct {
	dir    string
	file   *safetensors.File
	prefix string
	dtype  dtypes.DType // asStored: each value's own
	seed   uint64
	engine *peft.Engine
	// anew are values of a head that are drawn though the file may have them.
	anew map[string]bool
	// otherWidth says that a head of another width is drawn anew, too, instead of refused.
	otherWidth bool

	values       peft.Tensors
	tied, stored map[string]string
	drawn        []string
}

func (r *reader) read(list []arch.Value) error {
	r.values, r.tied, r.stored = peft.Tensors{}, map[string]string{}, storedNames(list)
	var missing []string
	for _, v := range list {
		if v.Tied != "" {
			if err := r.tie(v); err != nil {
				return err
			}
			continue
		}
		name, ok, err := r.taken(v)
		if err != nil {
			return err
		}
		switch {
		case ok:
			if err := r.take(v, name); err != nil {
				return err
			}
		case v.Head:
			t, err := draw(v, r.seed, r.dtype)
			if err != nil {
				return err
			}
			if err := r.keep(v.Path, t); err != nil {
				return err
			}
			r.drawn = append(r.drawn, v.Path)
		case !v.Optional:
			missing = append(missing, v.Path)
		}
	}
	if len(missing) > 0 {
		return &WeightError{Path: r.dir, Missing: missing, Near: r.near(missing[0])}
	}
	return nil
}

// taken gives the tensor of the file that a value is read from, false where there is none or it is to be drawn.
func (r *reader) taken(v arch.Value) (string, bool, error) {
	name, ok := r.find(v)
	if !ok || v.Head && r.anew[v.Path] {
		return "", false, nil
	}
	info, _ := r.file.Info(name)
	want := v.Shape
	if v.FanInFanOut {
		want = []int{v.Shape[1], v.Shape[0]}
	}
	if slices.Equal(info.Shape, want) {
		return name, true, nil
	}
	if v.Head && r.otherWidth {
		return "", false, nil
	}
	return "", false, &WeightError{Path: r.dir, Reason: fmt.Sprintf("tensor %q has shape %v, the config wants %v", name, info.Shape, want)}
}

// take reads a value to where the engine computes from it, in the dtype that it is to be held in.
func (r *reader) take(v arch.Value, name string) error {
	info, _ := r.file.Info(name)
	dtype := r.dtype
	switch {
	case v.Count:
		dtype = info.DType
	case dtype == asStored:
		dtype = held(info.DType)
	}
	if v.FanInFanOut {
		t, err := r.file.TensorAs(name, dtype)
		if err == nil {
			t, err = safetensors.Transpose(t)
		}
		if err != nil {
			return err
		}
		return r.keep(v.Path, t)
	}
	t, err := r.engine.Empty(shapes.Make(dtype, v.Shape...))
	if err == nil {
		err = r.file.ReadInto(name, t)
	}
	if err != nil {
		return err
	}
	return r.keep(v.Path, t)
}

// held is the dtype that a file's is held in: itself where graphs can widen it.
func held(stored dtypes.DType) dtypes.DType {
	if stored == dtypes.BFloat16 || stored == dtypes.Float16 {
		return stored
	}
	return dtypes.Float32
}

// keep places a value on the engine at once.
func (r *reader) keep(path string, t *peft.Tensor) error {
	r.values[path] = t
	return r.engine.Place(t)
}

// storedNames maps paths to names in the checkpoint, where these differ.
func storedNames(list []arch.Value) map[string]string {
	out := map[string]string{}
	for _, v := range list {
		if v.Stored != "" {
			out[v.Path] = v.Stored
		}
	}
	return out
}

// buffers lists the paths of values that are no parameters.
func buffers(list []arch.Value) []string {
	var out []string
	for _, v := range list {
		if v.Buffer {
			out = append(out, v.Path)
		}
	}
	return out
}

// near gives names of the file that end like a missing one.
func (r *reader) near(path string) []string {
	parts := strings.Split(path, ".")
	for i := range parts {
		end := strings.Join(parts[i:], ".")
		var out []string
		for _, n := range r.file.Names() {
			if strings.HasSuffix(n, end) && len(out) < 3 {
				out = append(out, n)
			}
		}
		if len(out) > 0 {
			return out
		}
	}
	names := r.file.Names()
	return names[:min(3, len(names))]
}
