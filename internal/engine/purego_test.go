package engine

import (
	"io"
	"math"
	"math/rand/v2"
	"os"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/gomlx/gomlx/ml/nn"
	"github.com/stretchr/testify/require"
)

// wide builds the shape of graph on which GoMLX's default settings stop for good: many
// independent products and erf-GELUs, forward and backward. It gives the loss and the gradient
// of every weight, from seeded values, as a function to run on an executor.
func wide(e *Engine, rows, width, heads, layers int) (*graph.Exec, []any, error) {
	rng := rand.New(rand.NewPCG(1, 2))
	fill := func(dims ...int) *tensors.Tensor {
		size := 1
		for _, d := range dims {
			size *= d
		}
		flat := make([]float32, size)
		for i := range flat {
			flat[i] = float32(rng.NormFloat64()) / float32(math.Sqrt(float64(width)))
		}
		return tensors.FromFlatDataAndDimensions(flat, dims...)
	}
	args := []any{fill(rows, width)}
	for range 4 * heads * layers {
		args = append(args, fill(width, width))
	}
	exec, err := graph.NewExec(e.Backend(), func(in []*graph.Node) []*graph.Node {
		h, w := in[0], in[1:]
		for layer := range layers {
			var sum *graph.Node
			for head := range heads {
				at := w[4*(layer*heads+head):]
				q, k, v := graph.MatMul(h, at[0]), graph.MatMul(h, at[1]), graph.MatMul(h, at[2])
				scores := graph.Softmax(graph.MatMul(q, graph.Transpose(k, 0, 1)), -1)
				out := graph.MatMul(gelu(graph.MatMul(scores, v)), at[3])
				if sum == nil {
					sum = out
				} else {
					sum = graph.Add(sum, out)
				}
			}
			h = nn.LayerNorm(graph.Add(h, sum), []int{-1}, 1e-5, nil, nil, nil)
		}
		loss := graph.ReduceAllMean(graph.Square(gelu(h)))
		return append([]*graph.Node{loss}, graph.Gradient(loss, w...)...)
	})
	return exec, args, err
}

// gelu is written with erf, which the Go backend splits over its workers.
func gelu(x *graph.Node) *graph.Node {
	return graph.Mul(x, graph.MulScalar(graph.AddScalar(graph.Erf(graph.MulScalar(x, math.Sqrt2/2)), 1), 0.5))
}

// bits runs the program and gives every output's bit pattern.
func bits(exec *graph.Exec, args []any) ([][]uint32, error) {
	outputs, err := exec.Call(args...)
	if err != nil {
		return nil, err
	}
	all := make([][]uint32, len(outputs))
	for i, output := range outputs {
		err := tensors.ConstFlatData(output, func(flat []float32) {
			for _, v := range flat {
				all[i] = append(all[i], math.Float32bits(v))
			}
		})
		if err != nil {
			return nil, err
		}
		output.FinalizeAll()
	}
	return all, nil
}

func open(t testing.TB, name string) *Engine {
	t.Helper()
	e, err := Open(name)
	require.NoError(t, err)
	t.Cleanup(e.Close)
	return e
}

// Whatever runs beside whatever, the numbers are those of one operation after another.
func TestParallelRunsGiveSequentialBits(t *testing.T) {
	exec, args, err := wide(open(t, "go:ops_sequential"), 96, 48, 4, 2)
	require.NoError(t, err)
	want, err := bits(exec, args)
	require.NoError(t, err)

	names := []string{"go", "go:parallelism=3", "go:parallelism=0", "go:ops_parallel", "go:dependency_order"}
	for _, name := range names {
		exec, args, err := wide(open(t, name), 96, 48, 4, 2)
		require.NoError(t, err)
		for range 5 {
			got, err := bits(exec, args)
			require.NoError(t, err)
			require.Equal(t, want, got, name)
		}
	}
}

// One engine, many goroutines: a program shared by all and one of each goroutine's own.
func TestConcurrentUse(t *testing.T) {
	e := open(t, "")
	shared, args, err := wide(e, 40, 24, 2, 1)
	require.NoError(t, err)
	want, err := bits(shared, args)
	require.NoError(t, err)
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			own, args, err := wide(e, 40, 24, 2, 1)
			if err != nil {
				t.Error(err)
				return
			}
			for range 3 {
				for _, exec := range []*graph.Exec{shared, own} {
					got, err := bits(exec, args)
					if err != nil {
						t.Error(err)
						return
					}
					for i := range want {
						for j := range want[i] {
							if want[i][j] != got[i][j] {
								t.Errorf("output %d, value %d: got bits %x, want %x", i, j, got[i][j], want[i][j])
								return
							}
						}
					}
				}
			}
		})
	}
	wg.Wait()
}

// GoMLX's own default hangs on this graph on two processors; ours must come back.
func TestWideGraphDoesNotDeadlock(t *testing.T) {
	for _, name := range []string{"go", "go:parallelism=2", "go:ops_parallel,parallelism=2"} {
		exec, args, err := wide(open(t, name), 200, 32, 12, 1)
		require.NoError(t, err)
		done := make(chan error, 1)
		go func() {
			for range 3 {
				if _, err := bits(exec, args); err != nil {
					done <- err
					return
				}
			}
			done <- nil
		}()
		select {
		case err := <-done:
			require.NoError(t, err, name)
		case <-time.After(60 * time.Second):
			buf := make([]byte, 1<<16)
			t.Fatalf("%s hangs:\n%s", name, buf[:runtime.Stack(buf, true)])
		}
	}
}

func TestGoOptions(t *testing.T) {
	for _, c := range []struct {
		options string
		want    goOptions
	}{
		{"", goOptions{workers: -1}},
		{"parallelism=-1", goOptions{workers: -1}},
		{"parallelism=0", goOptions{workers: 0}},
		{"parallelism=4", goOptions{workers: 4, sequential: true, given: []string{"ops_sequential"}}},
		{"ops_parallel,parallelism=4", goOptions{workers: 4, sequential: true, given: []string{"ops_parallel", "ops_sequential"}}},
		{"ops_sequential", goOptions{workers: -1, sequential: true, given: []string{"ops_sequential"}}},
		{"ops_sequential,ops_parallel", goOptions{workers: -1, given: []string{"ops_sequential", "ops_parallel"}}},
		{"dependency_order", goOptions{workers: -1, given: []string{"dependency_order"}}},
	} {
		got, err := parseGoOptions(splitOptions(c.options))
		require.NoError(t, err, c.options)
		require.Equal(t, c.want, got, c.options)
	}
	_, err := Open("go:parallelism=many")
	require.ErrorContains(t, err, "parallelism=many")
	_, err = Open("go:no_such_option")
	require.ErrorContains(t, err, "no_such_option")
}

// The backend states the size of its pool in its description, and must not print it.
func TestWorkersAreSetInSilence(t *testing.T) {
	r, w, err := os.Pipe()
	require.NoError(t, err)
	stdout := os.Stdout
	os.Stdout = w
	e, err := Open("go:parallelism=-1")
	other, otherErr := Open("go:parallelism=3")
	os.Stdout = stdout
	require.NoError(t, w.Close())
	require.NoError(t, err)
	require.NoError(t, otherErr)
	printed, err := io.ReadAll(r)
	require.NoError(t, err)
	require.Empty(t, string(printed))
	require.Contains(t, e.Backend().Description(), "parallelism=-1")
	require.Contains(t, other.Backend().Description(), "parallelism=3")
}

func TestSetWorkersOnAStranger(t *testing.T) {
	require.False(t, setWorkers(nil, 1))
}

func BenchmarkWideStep(b *testing.B) {
	for _, name := range []string{"go", "go:ops_sequential"} {
		b.Run(name, func(b *testing.B) {
			exec, args, err := wide(open(b, name), 128, 96, 6, 3)
			require.NoError(b, err)
			for b.Loop() {
				outputs, err := exec.Call(args...)
				require.NoError(b, err)
				for _, o := range outputs {
					o.FinalizeAll()
				}
			}
		})
	}
}

func fromBits(patterns []uint32) []float32 {
	values := make([]float32, len(patterns))
	for i, pattern := range patterns {
		values[i] = math.Float32frombits(pattern)
	}
	return values
}
