package optim_test

import (
	"testing"

	"github.com/gomlx/compute"
	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/gobackend"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"

	"github.com/gopeft/gopeft/optim"
)

// run drives a plan step by step on the pure-Go backend, as a trainer does: one compiled program, everything it
// needs fed in, everything it makes kept.
type run struct {
	t      testing.TB
	plan   *optim.Updater
	exec   *graph.Exec
	values []*tensors.Tensor
	state  []*tensors.Tensor
	step   int
	builds int // how often the graph was built
}

func backend(t testing.TB) compute.Backend {
	be, err := gobackend.New("ops_sequential")
	require.NoError(t, err)
	t.Cleanup(be.Finalize)
	return be
}

// start binds a transform to parameters with these values.
func start(t testing.TB, transform optim.Transform, paths []string, values ...*tensors.Tensor) *run {
	t.Helper()
	params := make([]optim.Variable, len(values))
	for i, v := range values {
		params[i] = optim.Variable{Path: paths[i], Shape: v.Shape()}
	}
	plan, err := optim.Build(transform, params)
	require.NoError(t, err)
	r := &run{t: t, plan: plan, values: values}
	for _, slot := range plan.Slots() {
		flat := make([]float32, slot.Shape.Size())
		for i := range flat {
			flat[i] = float32(slot.Fill)
		}
		r.state = append(r.state, tensors.FromFlatDataAndDimensions(flat, slot.Shape.Dimensions...))
	}
	n, k := len(params), len(r.state)
	r.exec, err = graph.NewExec(backend(t), func(in []*graph.Node) []*graph.Node {
		r.builds++
		values, state, norm := plan.Apply(in[:n], in[n:2*n], in[2*n:2*n+k], in[2*n+k])
		return append(append(values, state...), norm)
	})
	require.NoError(t, err)
	return r
}

// apply makes one step and returns the norm it reports.
func (r *run) apply(lr float64, grads ...*tensors.Tensor) float64 {
	r.t.Helper()
	r.step++
	scalars, err := r.plan.Scalars(r.step, lr)
	require.NoError(r.t, err)
	var in []any
	for _, list := range [][]*tensors.Tensor{r.values, grads, r.state} {
		for _, x := range list {
			in = append(in, x)
		}
	}
	out, err := r.exec.Call(append(in, tensors.FromValue(scalars))...)
	require.NoError(r.t, err)
	r.values, r.state = out[:len(r.values)], out[len(r.values):len(out)-1]
	return float64(tensors.ToScalar[float32](out[len(out)-1]))
}

// flat returns the current value of parameter i.
func (r *run) flat(i int) []float32 { return tensors.MustCopyFlatData[float32](r.values[i]) }

// vector makes a float32 tensor of rank 1.
func vector(x ...float32) *tensors.Tensor { return tensors.FromFlatDataAndDimensions(x, len(x)) }

// param is a float32 parameter.
func param(path string, dims ...int) optim.Variable {
	return optim.Variable{Path: path, Shape: shapes.Make(dtypes.Float32, dims...)}
}
