package frod

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"
)

func random(r *rand.Rand, m, n int) *mat.Dense {
	out := mat.NewDense(m, n, nil)
	out.Apply(func(_, _ int, _ float64) float64 { return r.NormFloat64() }, out)
	return out
}

// V is what the definition by the QR decomposition says: R^-T V is orthogonal, and in it the mean of the inverses is diagonal and
// ascends.
func TestJointBasis(t *testing.T) {
	const n, alpha = 7, 1e-3
	r := rand.New(rand.NewPCG(1, 2))
	weights := []*mat.Dense{random(r, 9, n), random(r, 5, n), random(r, 4, n)}
	v := jointBasis(weights, alpha)

	stacked := mat.NewDense(18, n, nil)
	row := 0
	for _, w := range weights {
		m, _ := w.Dims()
		for i := range m {
			stacked.SetRow(row, w.RawRowView(i))
			row++
		}
	}
	var qr mat.QR
	var q, rr, e, mean, square, turned mat.Dense
	qr.Factorize(stacked)
	qr.QTo(&q)
	qr.RTo(&rr)
	require.NoError(t, e.Solve(rr.Slice(0, n, 0, n).T(), v))
	square.Mul(e.T(), &e)
	require.True(t, mat.EqualApprox(&square, eye(n), 1e-9))
	mean.Mul(eye(n), mat.NewDense(n, n, nil))
	row = 0
	for _, w := range weights {
		m, _ := w.Dims()
		part := q.Slice(row, row+m, 0, n)
		row += m
		var term, inv mat.Dense
		term.Mul(part.T(), part)
		for i := range n {
			term.Set(i, i, term.At(i, i)+alpha)
		}
		require.NoError(t, inv.Inverse(&term))
		mean.Add(&mean, &inv)
	}
	mean.Scale(1./3, &mean)
	turned.Mul(e.T(), &mean)
	turned.Mul(&turned, &e)
	last := math.Inf(-1)
	for i := range n {
		for j := range n {
			if i != j {
				require.InDelta(t, 0, turned.At(i, j), 1e-6*mat.Max(&mean))
			}
		}
		require.GreaterOrEqual(t, turned.At(i, i), last)
		last = turned.At(i, i)
	}
}

func eye(n int) *mat.Dense {
	out := mat.NewDense(n, n, nil)
	for i := range n {
		out.Set(i, i, 1)
	}
	return out
}

// The factors make the weight again: with fewer rows than columns, and with an input that no weight reads.
func TestFactor(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	dead := []*mat.Dense{random(r, 6, 5), random(r, 6, 5)}
	for _, w := range dead {
		for i := range 6 {
			w.Set(i, 3, 0)
		}
	}
	for name, weights := range map[string][]*mat.Dense{
		"tall": {random(r, 6, 5), random(r, 3, 5)}, "flat": {random(r, 2, 9), random(r, 3, 9)}, "dead input": dead,
	} {
		t.Run(name, func(t *testing.T) {
			v := jointBasis(weights, 1e-3)
			for _, w := range weights {
				m, n := w.Dims()
				u, lengths := factor(w, inverse(v))
				scaled, out := mat.DenseCopyOf(v), mat.NewDense(m, n, nil)
				scaled.Apply(func(_, j int, x float64) float64 { return x * float64(lengths[j]) }, scaled)
				out.Mul(dense(u, m, n), scaled.T())
				require.True(t, mat.EqualApprox(out, w, 1e-5), "%v", mat.Formatted(out))
				for j := range n {
					if lengths[j] > 1e-9 {
						require.InDelta(t, 1, mat.Norm(dense(u, m, n).ColView(j), 2), 1e-6)
					}
				}
			}
		})
	}
}

func TestCategory(t *testing.T) {
	for path, want := range map[string]string{
		"bert.encoder.layer.11.attention.self.query":  "self_query",
		"bert.encoder.layer.3.attention.output.dense": "attention_output",
		"bert.encoder.layer.3.output.dense":           "output_dense",
		"model.layers.3.self_attn.q_proj":             "self_attn_q_proj",
		"transformer.h.0.attn.c_attn":                 "attn_c_attn",
		"blocks.4.proj":                               "proj",
		"classifier":                                  "classifier",
	} {
		require.Equal(t, want, category(path))
	}
	require.Equal(t, 11, block("bert.encoder.layer.11.attention.self.query", 5))
	require.Equal(t, 3, block("model.1.layers.3.self_attn.q_proj", 5))
	require.Equal(t, 5, block("classifier.dense", 5))
}
