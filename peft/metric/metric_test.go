package metric_test

import (
	"encoding/json"
	"math"
	"os"
	"testing"

	"github.com/gomlx/compute/dtypes/bfloat16"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"

	"github.com/gopeft/gopeft/peft/metric"
)

type values = map[string]*tensors.Tensor

// reference is a row of the golden metrics of scikit-learn.
type reference struct {
	Name  string
	Input struct {
		Labels, Predictions json.RawMessage
		Probabilities       [][]float32
	}
	Value map[string]float64
}

func references(t *testing.T) map[string]reference {
	raw, err := os.ReadFile("testdata/metrics.json")
	require.NoError(t, err)
	var rows []reference
	require.NoError(t, json.Unmarshal(raw, &rows))
	byName := map[string]reference{}
	for _, r := range rows {
		byName[r.Name] = r
	}
	return byName
}

func decode[T any](t *testing.T, raw json.RawMessage) (out T) {
	require.NoError(t, json.Unmarshal(raw, &out))
	return out
}

// measure adds the rows in batches of 7, the last filled up with rows that are not to count.
func measure[T float32 | bfloat16.BFloat16, L int32 | float32](t *testing.T, m metric.Metric, logits [][]T, labels []L) float64 {
	const size = 7
	for from := 0; from < len(labels); from += size {
		rows := min(size, len(labels)-from)
		flat, want := []T{}, []L{}
		for i := range size {
			row := min(from+i, len(labels)-1)
			flat, want = append(flat, logits[row]...), append(want, labels[row])
			if i >= rows {
				want[i] += 1000
			}
		}
		out := values{"logits": tensors.FromFlatDataAndDimensions(flat, size, len(logits[0]))}
		in := values{"labels": tensors.FromFlatDataAndDimensions(want, size)}
		require.NoError(t, m.Add(out, in, rows))
	}
	value, err := m.Value()
	require.NoError(t, err)
	return value
}

func TestAccuracyOfPredictions(t *testing.T) {
	r := references(t)["classification"]
	var logits [][]bfloat16.BFloat16
	for _, class := range decode[[]int](t, r.Input.Predictions) {
		row := make([]bfloat16.BFloat16, 4)
		row[class] = bfloat16.FromFloat32(0.5)
		logits = append(logits, row)
	}
	got := measure(t, &metric.Accuracy{}, logits, decode[[]int32](t, r.Input.Labels))
	require.InDelta(t, r.Value["accuracy"], got, 1e-6)
}

func TestAccuracyOfProbabilities(t *testing.T) {
	r := references(t)["probabilities"]
	m := &metric.Accuracy{}
	got := measure(t, m, r.Input.Probabilities, decode[[]int32](t, r.Input.Labels))
	require.InDelta(t, r.Value["top1"], got, 1e-6)

	m.Reset()
	_, err := m.Value()
	require.ErrorIs(t, err, metric.ErrNoExamples)
}

func TestMeanSquaredError(t *testing.T) {
	r := references(t)["regression"]
	var logits [][]float32
	for _, x := range decode[[]float32](t, r.Input.Predictions) {
		logits = append(logits, []float32{x})
	}
	got := measure(t, &metric.MeanSquaredError{}, logits, decode[[]float32](t, r.Input.Labels))
	require.InDelta(t, r.Value["mse"], got, 1e-6)
}

// Of six tokens one is ignored and three of the others are hit; the second row fills the batch up.
func TestAccuracyOfTokens(t *testing.T) {
	out := values{"logits": tensors.FromValue([][][]float64{
		{{0, 1}, {2, 1}, {3, 3}, {math.Inf(-1), -5}, {0, 9}},
		{{1, 0}, {1, 0}, {1, 0}, {1, 0}, {1, 0}},
	})}
	in := values{"labels": tensors.FromValue([][]int64{{1, 1, 0, 1, -100}, {0, 0, 0, 0, 0}})}
	m := &metric.Accuracy{}
	require.NoError(t, m.Add(out, in, 1))
	value, err := m.Value()
	require.NoError(t, err)
	require.Equal(t, 3.0/4, value)
}

// Columns in front of the tokens', as a prompt's, are no predictions: one token of three in two rows is missed.
func TestAccuracyBehindPrompt(t *testing.T) {
	right, wrong, prompt := []float32{0, 1}, []float32{1, 0}, []float32{5, 5}
	out := values{"logits": tensors.FromValue([][][]float32{{prompt, prompt, right, wrong}, {prompt, prompt, right, wrong}})}
	in := values{"labels": tensors.FromValue([][]int32{{1, 1}, {1, -100}})}
	m := &metric.Accuracy{}
	require.NoError(t, m.Add(out, in, 2))
	value, err := m.Value()
	require.NoError(t, err)
	require.InDelta(t, 2.0/3, value, 1e-12)
}

// A batch that is refused leaves the metric as it was.
func TestRefused(t *testing.T) {
	nan := float32(math.NaN())
	for name, c := range map[string]struct {
		logits, labels any
		rows           int
		says           string
	}{
		"label out of range": {[][]float32{{1, 0}, {0, 1}}, []int32{0, 2}, 2, "labels value 2 at 1 is outside 0..1"},
		"NaN":                {[][]float32{{1, 0}, {0, nan}}, []int32{0, 1}, 2, "logits holds NaN in row 1"},
		"float labels":       {[][]float32{{1, 0}}, []float32{0}, 1, "labels holds Float32"},
		"other batch":        {[][]float32{{1, 0}}, []int32{0, 1}, 1, "labels has shape [2]"},
		"too many rows":      {[][]float32{{1, 0}}, []int32{0}, 2, "logits has shape [1 2]"},
		"negative rows":      {[][]float32{{1, 0}}, []int32{0}, -1, "-1 rows"},
		"boolean logits":     {[][]bool{{true, false}}, []int32{0}, 1, "logits holds Bool"},
		"scalar":             {float32(1), []int32{0}, 1, "logits has shape []"},
	} {
		m := &metric.Accuracy{}
		err := m.Add(values{"logits": tensors.MustFromAnyValue(c.logits)}, values{"labels": tensors.MustFromAnyValue(c.labels)}, c.rows)
		require.ErrorIs(t, err, metric.ErrInput, name)
		require.ErrorContains(t, err, c.says, name)
		_, err = m.Value()
		require.ErrorIs(t, err, metric.ErrNoExamples, name)
	}
	for _, m := range []metric.Metric{&metric.Accuracy{}, &metric.MeanSquaredError{}, &metric.SpanMatch{}} {
		err := m.Add(values{}, values{}, 0)
		require.ErrorIs(t, err, metric.ErrInput)
		require.ErrorContains(t, err, "logits is missing")
	}
	err := (&metric.MeanSquaredError{}).Add(
		values{"logits": tensors.FromValue([][]float32{{1, 2}})}, values{"labels": tensors.FromValue([]float32{1, 2})}, 1)
	require.ErrorContains(t, err, "labels has shape [2 1], but logits has [1 2]")
}

func TestBetter(t *testing.T) {
	require.True(t, (&metric.Accuracy{}).Better(0.9, 0.8))
	require.False(t, (&metric.Accuracy{}).Better(0.8, 0.8))
	require.True(t, (&metric.SpanMatch{}).Better(0.9, 0.8))
	require.True(t, (&metric.MeanSquaredError{}).Better(0.8, 0.9))
}
