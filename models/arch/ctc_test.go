package arch_test

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"testing"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"

	"github.com/gopeft/gopeft/models/arch"
)

// alignment is a batch with what torch makes of it.
type alignment struct {
	Name      string
	Blank     int
	Lengths   []int32
	Labels    [][]int32
	Classes   int
	Logits64  []float32 // 64 times the logits
	Possible  bool      // every row has a reading
	Sum, Mean struct {  // with zero_infinity
		Loss float64
		Grad []float32
	}
}

func alignments(t *testing.T) []alignment {
	raw, err := os.ReadFile("testdata/ctc.json")
	require.NoError(t, err)
	var out []alignment
	require.NoError(t, json.Unmarshal(raw, &out))
	require.Len(t, out, 10)
	return out
}

func (a *alignment) logits() *tensors.Tensor {
	flat := make([]float32, len(a.Logits64))
	for i, v := range a.Logits64 {
		flat[i] = v / 64
	}
	rows := len(a.Labels)
	return tensors.FromFlatDataAndDimensions(flat, rows, len(flat)/rows/a.Classes, a.Classes)
}

// losses compiles what gives a batch's loss and gradient; calls of equal shapes share it.
func losses(t *testing.T, o arch.CTC) func(a *alignment) (float64, []float32) {
	exec, err := graph.NewExec(open(t).Backend(), func(x, lengths, labels *graph.Node) (*graph.Node, *graph.Node) {
		loss := o.Loss(x, lengths, labels)
		return loss, graph.Gradient(loss, x)[0]
	})
	require.NoError(t, err)
	return func(a *alignment) (float64, []float32) {
		out, err := exec.Call(a.logits(), a.Lengths, tensors.FromValue(a.Labels))
		require.NoError(t, err)
		return float64(tensors.ToScalar[float32](out[0])), tensors.MustCopyFlatData[float32](out[1])
	}
}

// torch made testdata/ctc.json, by what transformers calls: labels that repeat, that are padded anywhere, that are none,
// that fit just so or not at all, rows of several lengths, and classes that are all but sure.
func TestCTCIsTorchs(t *testing.T) {
	uneven := map[string]bool{"padding": true, "some without labels": true, "too long": true}
	for _, a := range alignments(t) {
		for _, mean := range []bool{false, true} {
			if mean && !uneven[a.Name] { // one of them tells as much, and XLA compiles for seconds
				continue
			}
			name, want := fmt.Sprintf("%s, mean %t", a.Name, mean), a.Sum
			if mean {
				want = a.Mean
			}
			loss, grad := losses(t, arch.CTC{Blank: a.Blank, Mean: mean, ZeroInfinity: true})(&a)
			require.InDelta(t, want.Loss, loss, 1e-5*(1+math.Abs(want.Loss)), name)
			require.InDeltaSlice(t, want.Grad, grad, 1e-5, name)
		}
	}
}

// Without ZeroInfinity a batch with a row that has no reading has the loss +Inf, and the other rows keep their gradient.
func TestCTCOfImpossibleLabels(t *testing.T) {
	impossible := 0
	for _, a := range alignments(t) {
		if a.Possible && a.Name != "no labels" {
			continue
		}
		loss, grad := losses(t, arch.CTC{Blank: a.Blank})(&a)
		if !a.Possible {
			impossible++
			require.Equal(t, math.Inf(1), loss, a.Name)
		} else {
			require.InDelta(t, a.Sum.Loss, loss, 1e-5*(1+math.Abs(loss)), a.Name)
		}
		require.InDeltaSlice(t, a.Sum.Grad, grad, 1e-5, a.Name)
	}
	require.Equal(t, 1, impossible)
}

// The gradient is the slope of the loss.
func TestCTCFiniteDifferences(t *testing.T) {
	const step = 16 // of 64ths
	for _, a := range alignments(t) {
		if a.Name != "padding" && a.Name != "repeats" {
			continue
		}
		compute := losses(t, arch.CTC{Blank: a.Blank, Mean: true})
		_, grad := compute(&a)
		for i := 0; i < len(grad); i += 7 {
			at := func(by float32) float64 {
				b := a
				b.Logits64 = append([]float32{}, a.Logits64...)
				b.Logits64[i] += by
				loss, _ := compute(&b)
				return loss
			}
			// Five points, whose error is of the fourth order.
			slope := (at(-2*step) - 8*at(-step) + 8*at(step) - at(2*step)) / (12 * step / 64.0)
			require.InDelta(t, slope, grad[i], 2e-4, "%s[%d]", a.Name, i)
		}
	}
}

// A reading leaves out blanks, repeats and the frames that don't count.
func TestCTCReads(t *testing.T) {
	read := func(best []int32, counts int) []int32 {
		e := open(t)
		y, err := graph.CallOnce(e.Backend(), func(best *graph.Node) *graph.Node {
			mask := graph.LessThan(graph.Iota(best.Graph(), best.Shape(), 1), graph.Scalar(best.Graph(), best.DType(), counts))
			return arch.CTC{Blank: 2}.Read(graph.OneHot(best, 4, dtypes.Float32), mask)
		}, [][]int32{best})
		require.NoError(t, err)
		return y.Value().([][]int32)[0]
	}
	const no = arch.IgnoreIndex
	require.Equal(t, []int32{1, no, no, 1, 3, no, no}, read([]int32{1, 1, 2, 1, 3, 2, 2}, 7))
	require.Equal(t, []int32{no, 0, no, no}, read([]int32{2, 0, 0, 3}, 3))
}
