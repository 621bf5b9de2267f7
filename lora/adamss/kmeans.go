package adamss

import (
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/floats"

	"github.com/gopeft/gopeft/internal/torchrand"
)

const (
	kmeansSeed   = 123456789 // HF PEFT's
	kmeansRounds = 10        // likewise
	kmeansStill  = 1e-4      // scikit-learn's: how far centres move at most when it ends, beside the points' variance
)

// kmeans puts points, rows of equal length, into at most k clusters by Lloyd's iteration from k of the points, drawn as
// scikit-learn's KMeans with init="random" draws them. It gives the cluster of each point.
func kmeans(points [][]float64, k int) ([]int, error) {
	n := len(points)
	k = min(k, n)
	points, variance := centred(points)
	even := make([]float64, n)
	for i := range even {
		even[i] = float64(1 / float32(n)) // scikit-learn's weights are of the points' type
	}
	first, err := torchrand.NewRandomState(kmeansSeed).Weighted(even, k, false)
	if err != nil {
		return nil, fmt.Errorf("k-means: %w", err)
	}
	centres := make([][]float64, k)
	for j, i := range first {
		centres[j] = slices.Clone(points[i])
	}
	var of, before []int
	for range kmeansRounds {
		of = nearest(points, centres)
		next := means(points, centres, of)
		moved := 0.0
		for j := range centres {
			d := floats.Distance(centres[j], next[j], 2)
			moved += d * d
		}
		centres = next
		if slices.Equal(of, before) {
			return of, nil
		}
		if moved <= kmeansStill*variance {
			break
		}
		before = of
	}
	return nearest(points, centres), nil
}

// centred gives the points around their mean, and the mean of the variances along the axes.
func centred(points [][]float64) ([][]float64, float64) {
	mean := make([]float64, len(points[0]))
	for _, x := range points {
		floats.AddScaled(mean, 1/float64(len(points)), x)
	}
	out, variance := make([][]float64, len(points)), 0.0
	for i, x := range points {
		out[i] = floats.SubTo(make([]float64, len(x)), x, mean)
		variance += floats.Dot(out[i], out[i])
	}
	return out, variance / float64(len(points)*len(mean))
}

// nearest gives the centre that is nearest to each point, of several the first.
func nearest(points, centres [][]float64) []int {
	half := make([]float64, len(centres))
	for j, c := range centres {
		half[j] = floats.Dot(c, c) / 2
	}
	out := make([]int, len(points))
	for i, x := range points {
		best := math.Inf(1)
		for j, c := range centres {
			if d := half[j] - floats.Dot(x, c); d < best {
				best, out[i] = d, j
			}
		}
	}
	return out
}

// means gives the mean of each cluster's points. A cluster without any gets the point that is farthest from its own centre,
// where not all points sit on theirs.
func means(points, centres [][]float64, of []int) [][]float64 {
	sums, counts := make([][]float64, len(centres)), make([]float64, len(centres))
	for j := range sums {
		sums[j] = make([]float64, len(points[0]))
	}
	for i, x := range points {
		floats.Add(sums[of[i]], x)
		counts[of[i]]++
	}
	far := farthest(points, centres, of)
	for j := range counts {
		if counts[j] != 0 || len(far) == 0 {
			continue
		}
		i := far[0]
		far = far[1:]
		floats.Sub(sums[of[i]], points[i])
		counts[of[i]]--
		copy(sums[j], points[i])
		counts[j] = 1
	}
	largest := floats.MaxIdx(counts)
	for j, n := range counts {
		if n > 0 {
			floats.Scale(1/n, sums[j])
		}
	}
	for j, n := range counts {
		if n <= 0 {
			copy(sums[j], sums[largest])
		}
	}
	return sums
}

// farthest lists points by how far they are from their centres, the farthest first; none where all distances are 0.
func farthest(points, centres [][]float64, of []int) []int {
	distance := make([]float64, len(points))
	order := make([]int, len(points))
	for i, x := range points {
		distance[i], order[i] = floats.Distance(x, centres[of[i]], 2), i
	}
	if floats.Max(distance) == 0 {
		return nil
	}
	slices.SortStableFunc(order, func(a, b int) int {
		switch {
		case distance[a] > distance[b]:
			return -1
		case distance[a] < distance[b]:
			return 1
		}
		return 0
	})
	return order
}
