package adamss

import (
	"fmt"

	"gonum.org/v1/gonum/mat"

	"github.com/gopeft/gopeft/internal/svd"
	"github.com/gopeft/gopeft/internal/torchrand"
	"github.com/gopeft/gopeft/peft/seam"
)

// subspaces is how the rows of one weight are divided, and where each part's update starts.
type subspaces struct {
	order   []int32     // the weight's rows, those of the first subspace first
	heights []int       // how many rows each has
	ranks   []int       // of its update
	a       [][]float32 // A of each [rank, r]
	basis   []float32   // newB [r, in or in+1]
}

// source gives frozen values, as seam.Blueprint and seam.Init do.
type source interface {
	Frozen(path string) ([]float32, []int, error)
}

// divide decomposes the weight of a site, with its bias as one more column where it has one, and clusters its rows.
func (m *method) divide(from source, s seam.Site) (*subspaces, error) {
	w, _, err := from.Frozen(s.Path + ".weight")
	if err != nil {
		return nil, err
	}
	columns := s.In
	if bias, _, err := from.Frozen(s.Path + ".bias"); err == nil {
		columns++
		both := make([]float32, 0, s.Out*columns)
		for i, v := range bias {
			both = append(append(both, w[i*s.In:(i+1)*s.In]...), v)
		}
		w = both
	}
	r := min(m.c.R, s.Out, columns)
	u, _, v, err := svd.LowRank(w, s.Out, columns, r, 2, func(out []float32) {
		torchrand.NewGenerator(int64(m.c.RandomSeed)).Normal(out, 0, 1)
	})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", s.Path, err)
	}
	scores := make([][]float64, s.Out)
	for i := range scores {
		scores[i] = make([]float64, r)
		for k := range u {
			scores[i][k] = float64(float32(u[k][i]))
		}
	}
	of, err := kmeans(scores, m.c.NumSubspaces)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", s.Path, err)
	}
	out := &subspaces{}
	for _, x := range v {
		for _, y := range x {
			out.basis = append(out.basis, float32(y))
		}
	}
	for j := range m.c.NumSubspaces {
		var rows [][]float64
		for i, own := range of {
			if own == j {
				out.order = append(out.order, int32(i))
				rows = append(rows, scores[i])
			}
		}
		if len(rows) == 0 { // rows that are all alike
			continue
		}
		a, rank, err := m.directions(rows)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", s.Path, err)
		}
		out.heights, out.ranks, out.a = append(out.heights, len(rows)), append(out.ranks, rank), append(out.a, a)
	}
	return out, nil
}

// directions gives the directions in which rows of scores extend most, row by row, and how many they are.
func (m *method) directions(rows [][]float64) (a []float32, rank int, err error) {
	r := len(rows[0])
	gram := mat.NewSymDense(r, nil)
	for _, x := range rows {
		gram.SymRankOne(gram, 1, mat.NewVecDense(r, x))
	}
	var e mat.EigenSym
	if !e.Factorize(gram, true) {
		return nil, 0, svd.ErrDiverged
	}
	values := e.Values(nil) // rising
	var vectors mat.Dense
	e.VectorsTo(&vectors)
	rank = min(m.c.SubspaceRank, len(rows), r)
	if m.c.UseDynamicRank {
		most := rank
		for rank = 0; rank < most && values[r-1-rank] > m.c.SVDThreshold*values[r-1]; {
			rank++
		}
		rank = max(rank, 1)
	}
	for k := range rank {
		for i := range r {
			a = append(a, float32(vectors.At(i, r-1-k)))
		}
	}
	return a, rank, nil
}
