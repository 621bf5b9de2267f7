package generate

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/stat/distuv"

	"github.com/gopeft/gopeft/internal/softmax"
)

// What is drawn has the distribution of the scores: a chi-square test, at a fixed seed.
func TestDrawsAreDistributed(t *testing.T) {
	logits := []float32{0.3, -1.2, 2, 0.9, -0.4, 1.1, -3, 0}
	for name, o := range map[string]Options{
		"all": {Temperature: 1}, "hot": {Temperature: 2.5}, "top_k": {Temperature: 0.8, TopK: 4}, "top_p": {Temperature: 1, TopP: 0.7},
	} {
		t.Run(name, func(t *testing.T) {
			s := &settings{Options: o}
			want := append([]float32{}, logits...)
			s.warp(want) // held to transformers by TestProcessors
			p := softmax.Of(want)
			const draws = 20000
			r, counts := rand.New(rand.NewPCG(1, 2)), make([]int, len(p))
			for range draws {
				counts[s.draw(r, append([]float32{}, logits...))]++
			}
			chi, free := 0.0, -1.0
			for i, share := range p {
				if share == 0 {
					require.Zero(t, counts[i])
					continue
				}
				free++
				chi += math.Pow(float64(counts[i])-share*draws, 2) / (share * draws)
			}
			require.Greater(t, 1-distuv.ChiSquared{K: free}.CDF(chi), 0.01, "%v of %v", counts, p)
		})
	}
}
