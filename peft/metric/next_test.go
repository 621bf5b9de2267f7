package metric_test

import (
	"math"
	"testing"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"

	"github.com/gopeft/gopeft/peft/data"
	"github.com/gopeft/gopeft/peft/metric"
)

// A column is held to the label after it. With virtual columns in front the first label has one, too. Probabilities are
// written as logits, so that the perplexity can be read off.
func TestNextToken(t *testing.T) {
	p := func(values ...float64) []float32 {
		out := make([]float32, len(values))
		for i, v := range values {
			out[i] = float32(math.Log(v)) + 7 // which softmax takes away
		}
		return out
	}
	even := p(0.25, 0.25, 0.25, 0.25)
	const no = data.IgnoreIndex
	for name, c := range map[string]struct {
		logits               [][][]float32
		labels               [][]int32
		rows                 int
		accuracy, perplexity float64
	}{
		"moved by one": {[][][]float32{{p(0.1, 0.5, 0.2, 0.2), p(0.7, 0.1, 0.1, 0.1), even}}, [][]int32{{3, 1, 2}}, 1, 0.5, math.Sqrt(2 * 10)},
		"ignored": {[][][]float32{{even, p(0.5, 0.25, 0.125, 0.125), even}, {even, even, even}},
			[][]int32{{no, no, 0}, {3, no, no}}, 2, 1, 2},
		"a row that fills up": {[][][]float32{{even, even}, {even, even}}, [][]int32{{1, 2}, {1, 99}}, 1, 0, 4},
		"virtual columns":     {[][][]float32{{even, p(0.1, 0.1, 0.4, 0.4), p(0.1, 0.8, 0.05, 0.05), even}}, [][]int32{{2, 1}}, 1, 1, math.Sqrt(2.5 / 0.8)},
	} {
		t.Run(name, func(t *testing.T) {
			out, in := values{"logits": tensors.FromValue(c.logits)}, values{"labels": tensors.FromValue(c.labels)}
			for m, want := range map[metric.Metric]float64{&metric.NextToken{}: c.accuracy, &metric.Perplexity{}: c.perplexity} {
				for range 2 { // batches of one kind change nothing
					require.NoError(t, m.Add(out, in, c.rows))
					got, err := m.Value()
					require.NoError(t, err)
					require.InDelta(t, want, got, 1e-5, m.Name())
				}
				m.Reset()
				_, err := m.Value()
				require.ErrorIs(t, err, metric.ErrNoExamples)
			}
		})
	}
	require.True(t, new(metric.NextToken).Better(0.6, 0.5))
	require.True(t, new(metric.Perplexity).Better(5, 6))
}

func TestNextTokenBad(t *testing.T) {
	logits := tensors.FromValue([][][]float32{{{1, 2}, {3, 4}}})
	for says, c := range map[string]struct{ logits, labels *tensors.Tensor }{
		"logits is missing":                  {nil, tensors.FromValue([][]int32{{0, 1}})},
		"labels is missing":                  {logits, nil},
		"logits has shape [1 2], want":       {tensors.FromValue([][]float32{{1, 2}}), tensors.FromValue([][]int32{{0, 1}})},
		"labels has shape [1 3]":             {logits, tensors.FromValue([][]int32{{0, 1, 1}})},
		"labels value 2 at 1 is outside 0..": {logits, tensors.FromValue([][]int32{{0, 2}})},
	} {
		in := values{}
		if c.labels != nil {
			in["labels"] = c.labels
		}
		out := values{}
		if c.logits != nil {
			out["logits"] = c.logits
		}
		err := new(metric.Perplexity).Add(out, in, 1)
		require.ErrorIs(t, err, metric.ErrInput)
		require.ErrorContains(t, err, says)
	}
}
