package golden

import (
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"

	"github.com/gomlx/gomlx/core/tensors"

	"github.com/gopeft/gopeft/peft"
)

// Tolerance allows |got - want| <= Abs + Rel |want|, where Abs grows with a tensor whose largest element is beyond 5, to
// what the fixtures' README asks at most. The zero value wants equal bits.
type Tolerance struct{ Abs, Rel float64 }

// asked is the fixtures' README's own bound.
const asked = 1e-4

// fine is what float32 gives where nothing is inverted, ten times tighter than the fixtures' README asks; following, half
// of what that asks, is for the end of a trajectory some of whose elements went another way.
var fine, following = Tolerance{1e-5, 1e-5}, Tolerance{5e-5, 5e-5}

// inverting methods invert or factorise a matrix; the fixtures' README allows them more.
var inverting = map[string]Tolerance{
	"OFT": {1e-3, 1e-3}, "BOFT": {1e-3, 1e-3}, "OSF": {1e-3, 1e-3}, "FROD": {1e-3, 1e-3}, "HRA": {1e-3, 1e-3},
}

// Near compares two tensors of floats, or of integers for equality, and reports the worst element.
func (tol Tolerance) Near(name string, want, got *peft.Tensor) error {
	if want == nil || got == nil {
		return fmt.Errorf("%s: want %t, got %t", name, want != nil, got != nil)
	}
	if !slices.Equal(want.Shape().Dimensions, got.Shape().Dimensions) {
		return fmt.Errorf("%s: has shape %v, want %v", name, got.Shape().Dimensions, want.Shape().Dimensions)
	}
	if !want.DType().IsFloat() {
		if !want.Equal(got) {
			return fmt.Errorf("%s: is %v, want %v", name, got, want)
		}
		return nil
	}
	w, err := tensors.CopyFlatData[float32](want)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	g, err := tensors.CopyFlatData[float32](got)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	abs := max(tol.Abs, min(tol.Abs*steep(w), asked))
	worst, at := 0.0, -1
	for i := range w {
		if math.Float32bits(w[i]) == math.Float32bits(g[i]) {
			continue
		}
		over := math.Abs(float64(w[i])-float64(g[i])) - abs - tol.Rel*math.Abs(float64(w[i]))
		if tol == (Tolerance{}) || math.IsNaN(over) {
			over = math.Inf(1)
		}
		if over > worst {
			worst, at = over, i
		}
	}
	if at >= 0 {
		return fmt.Errorf("%s[%d]: is %v, want %v", name, at, g[at], w[at])
	}
	return nil
}

// steep is 1, or more where a tensor has elements beyond 5: an element near 0 among such is a difference of them. (T5's
// logits without a scale reach 21; torch's own float32, run twice, differs by 1.1e-5 there. ResNet's reach 11; torch's
// float32 is 2.0e-5 off its float64 there.)
func steep(x []float32) float64 {
	largest := 5.0
	for _, v := range x {
		largest = max(largest, math.Abs(float64(v)))
	}
	return largest / 5
}

// NearAll compares every tensor of want with that of its name in got; got may hold more.
func (tol Tolerance) NearAll(what string, want, got peft.Tensors) error {
	var errs []error
	for _, name := range slices.Sorted(maps.Keys(want)) {
		if got[name] == nil {
			errs = append(errs, fmt.Errorf("%s: %s is missing", what, name))
			continue
		}
		errs = append(errs, tol.Near(what+": "+name, want[name], got[name]))
	}
	return errors.Join(errs...)
}

// Same compares two sets of tensors for equal names and equal bits.
func Same(what string, want, got peft.Tensors) error {
	err := Tolerance{}.NearAll(what, want, got)
	for _, name := range slices.Sorted(maps.Keys(got)) {
		if want[name] == nil {
			err = errors.Join(err, fmt.Errorf("%s: %s is too many", what, name))
		}
	}
	return err
}
