package adamss

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// Labels of scikit-learn 1.9.1's KMeans(n_clusters=k, init="random", n_init=1, max_iter=10, random_state=123456789) of points of a
// formula, with more clusters than points that differ in the latter two.
func TestKMeans(t *testing.T) {
	for _, c := range []struct {
		n, k, mod int
		want      []int
	}{
		{40, 4, 97, []int{
			0, 0, 0, 2, 1, 0, 2, 0, 2, 0, 1, 2, 2, 0, 0, 0, 0, 0, 2, 2, 1, 0, 2, 0, 2, 0, 1, 2, 0, 0, 0, 3, 3, 0, 0, 2, 1, 0, 2, 1,
		}},
		{30, 6, 5, []int{0, 0, 2, 1, 2, 0, 0, 2, 1, 2, 0, 0, 2, 1, 2, 0, 0, 2, 1, 2, 0, 0, 2, 1, 2, 0, 0, 2, 1, 2}},
		{12, 9, 4, []int{1, 0, 0, 1, 1, 0, 0, 1, 1, 0, 0, 1}},
	} {
		points := make([][]float64, c.n)
		for i := range points {
			for j := range 3 {
				points[i] = append(points[i], float64(float32((i*i*3+i*7+j*5)%c.mod)/7))
			}
		}
		got, err := kmeans(points, c.k)
		require.NoError(t, err)
		require.Equal(t, c.want, got, "%d points", c.n)
	}
}
