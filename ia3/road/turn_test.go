package road

import (
	"testing"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"

	"github.com/gopeft/gopeft/internal/pefttest/golden"
)

// The matrix of groups of four: outputs 1 and 3 of each are a pair, and 2 and 4 (equation 4 of the paper, with the halves of a
// group in place of neighbours). Turning back is its transpose.
func TestTurn(t *testing.T) {
	m := &method{Config{GroupSize: 4}}
	exec, err := graph.NewExec(golden.OpenEngine(t).Backend(), func(own, other *graph.Node) (r, transposed *graph.Node) {
		one := graph.ConvertDType(graph.Diagonal(own.Graph(), 8), dtypes.Float32)
		by := func(x, v *graph.Node) *graph.Node { return graph.Mul(x, graph.InsertAxes(v, 0)) }
		// Each row is what a unit vector becomes, which is a column of the matrix.
		return graph.Transpose(m.turn(one, own, other, by), 0, 1), graph.Transpose(m.turnBack(one, own, other, by), 0, 1)
	})
	require.NoError(t, err)
	out, err := exec.Call(
		tensors.FromValue([]float32{1, 2, 3, 4, 5, 6, 7, 8}), tensors.FromValue([]float32{.1, .2, .3, .4, .5, .6, .7, .8}))
	require.NoError(t, err)
	want := [][]float32{
		{1, 0, -.1, 0, 0, 0, 0, 0},
		{0, 2, 0, -.2, 0, 0, 0, 0},
		{.3, 0, 3, 0, 0, 0, 0, 0},
		{0, .4, 0, 4, 0, 0, 0, 0},
		{0, 0, 0, 0, 5, 0, -.5, 0},
		{0, 0, 0, 0, 0, 6, 0, -.6},
		{0, 0, 0, 0, .7, 0, 7, 0},
		{0, 0, 0, 0, 0, .8, 0, 8},
	}
	require.Equal(t, want, plain(out[0].Value().([][]float32)))
	r, back := out[0].Value().([][]float32), out[1].Value().([][]float32)
	for i := range r {
		for j := range r {
			require.Equal(t, r[i][j], back[j][i])
		}
	}
}

// plain turns -0 into 0.
func plain(m [][]float32) [][]float32 {
	for _, row := range m {
		for j := range row {
			row[j] += 0
		}
	}
	return m
}
