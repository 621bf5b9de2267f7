package metric

import (
	"fmt"
	"math"
	"slices"

	"github.com/gomlx/compute/dtypes/bfloat16"
	"github.com/gomlx/compute/dtypes/float16"
	"github.com/gomlx/gomlx/core/tensors"
)

func inputf(name, format string, args ...any) error {
	return fmt.Errorf("%w: %s %s", ErrInput, name, fmt.Sprintf(format, args...))
}

// get finds a tensor of at least one axis, with that many rows or more.
func get(in map[string]*tensors.Tensor, name string, rows int) (*tensors.Tensor, error) {
	t := in[name]
	switch {
	case t == nil:
		return nil, inputf(name, "is missing")
	case rows < 0:
		return nil, inputf(name, "can't have %d rows", rows)
	case t.Rank() == 0 || t.Shape().Dimensions[0] < rows:
		return nil, inputf(name, "has shape %v, too small for %d rows", t.Shape().Dimensions, rows)
	}
	return t, nil
}

// sameShape wants two tensors of one shape.
func sameShape(a, b string, x, y []int) error {
	if !slices.Equal(x, y) {
		return inputf(a, "has shape %v, but %s has %v", x, b, y)
	}
	return nil
}

// firstRows is the number of values in the first rows of a shape.
func firstRows(shape []int, rows int) int {
	for _, n := range shape[1:] {
		rows *= n
	}
	return rows
}

// floats copies the values of the first rows of a numeric tensor out. None may be NaN: a metric would count it as some
// prediction or other.
func floats(name string, t *tensors.Tensor, rows int) (out []float64, err error) {
	n := firstRows(t.Shape().Dimensions, rows)
	access := t.ConstFlatData(func(flat any) {
		switch v := flat.(type) {
		case []float32:
			out = each(v[:n], func(x float32) float64 { return float64(x) })
		case []float64:
			out = slices.Clone(v[:n])
		case []bfloat16.BFloat16:
			out = each(v[:n], func(x bfloat16.BFloat16) float64 { return float64(x.Float32()) })
		case []float16.Float16:
			out = each(v[:n], func(x float16.Float16) float64 { return float64(x.Float32()) })
		case []int64:
			out = each(v[:n], func(x int64) float64 { return float64(x) })
		case []int32:
			out = each(v[:n], func(x int32) float64 { return float64(x) })
		default:
			err = inputf(name, "holds %s, want numbers", t.DType())
		}
	})
	if access != nil {
		return nil, inputf(name, "can't be read: %v", access)
	}
	if err != nil {
		return nil, err
	}
	if i := slices.IndexFunc(out, math.IsNaN); i >= 0 {
		return nil, inputf(name, "holds NaN in row %d", i*rows/n)
	}
	return out, nil
}

// ints copies the values of the first rows of an integer tensor out.
func ints(name string, t *tensors.Tensor, rows int) (out []int, err error) {
	n := firstRows(t.Shape().Dimensions, rows)
	access := t.ConstFlatData(func(flat any) {
		switch v := flat.(type) {
		case []int64:
			out = each(v[:n], func(x int64) int { return int(x) })
		case []int32:
			out = each(v[:n], func(x int32) int { return int(x) })
		default:
			err = inputf(name, "holds %s, want int32 or int64", t.DType())
		}
	})
	if access != nil {
		return nil, inputf(name, "can't be read: %v", access)
	}
	return out, err
}

func each[T, U any](values []T, f func(T) U) []U {
	out := make([]U, len(values))
	for i, v := range values {
		out[i] = f(v)
	}
	return out
}

// largest is the index of the largest value, the first of equal ones.
func largest(values []float64) int {
	best := 0
	for i, v := range values {
		if v > values[best] {
			best = i
		}
	}
	return best
}
