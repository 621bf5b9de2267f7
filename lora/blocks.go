package lora

import (
	"slices"
	"strings"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"

	"github.com/gopeft/gopeft/peft/seam"
)

// Blocks is the setting of BD-LoRA: at each target either A or B is block-diagonal, so that a server that shards the model over
// Count devices needs no exchange for it. Attention's queries, keys and values and the feed-forward's first maps belong in B,
// the maps behind them in A. Of a block-diagonal matrix a file holds the blocks, one below the other: A is [r, in/Count], or B
// [out, r/Count]. Wang et al. 2025, arXiv:2510.23346.
type Blocks struct {
	// A and B name the targets whose A, or B, is block-diagonal: each text that is a part of the module's path.
	A []string `json:"target_modules_bd_a" default:"null"`
	B []string `json:"target_modules_bd_b" default:"null"`
	// Count is the number of blocks, which must divide both sides of the matrix. 0 means 1.
	Count int `json:"nblocks" default:"1"`
	// Strict says that each target must be named in A or B; nil means true. Where it is false, the others are plain LoRA.
	Strict *bool `json:"match_strict" default:"true"`

	whole bool // write all, see filled
}

// UnmarshalJSON reads an object; an unknown key is an error.
func (b *Blocks) UnmarshalJSON(raw []byte) error { return readSettings(raw, b) }

// MarshalJSON writes what is set.
func (b Blocks) MarshalJSON() ([]byte, error) { return writeSettings(b, b.whole) }

func (b *Blocks) validate() error {
	if b == nil {
		return nil
	}
	if b.Count < 0 {
		return seam.Fieldf(fieldBlocks, "nblocks must be at least 1, is %d", b.Count)
	}
	for _, name := range b.A {
		if slices.Contains(b.B, name) {
			return seam.Fieldf(fieldBlocks, "%q stands in both target_modules_bd_a and target_modules_bd_b", name)
		}
	}
	return nil
}

func (b *Blocks) count() int { return max(b.Count, 1) }

// at tells which matrix of a site is block-diagonal.
func (b *Blocks) at(path string) (a, bb bool) {
	if b == nil {
		return false, false
	}
	within := func(names []string) bool {
		return slices.ContainsFunc(names, func(n string) bool { return strings.Contains(path, n) })
	}
	return within(b.A), within(b.B)
}

// shape gives A and B their shapes at a site, and their first values: HF PEFT draws the blocks of A from sqrt(3) times the
// range of a common A, each from its own number of inputs.
func (b *Blocks) shape(s seam.Site, r int, pa, pb *seam.Param) error {
	inA, inB := b.at(s.Path)
	if b == nil {
		return nil
	}
	n := b.count()
	check := func(matrix string, rows, columns int) error {
		if rows%n != 0 || columns%n != 0 {
			return seam.Fieldf(fieldBlocks, "nblocks %d does not divide both sides of %s of %s, %d x %d", n, matrix, s.Path, rows, columns)
		}
		return nil
	}
	switch {
	case inA && inB:
		return seam.Fieldf(fieldBlocks, "%s is named by both target_modules_bd_a and target_modules_bd_b", s.Path)
	case inA:
		pa.Shape = []int{r, s.In / n}
		pa.Init = seam.Uniform(kaiming(s.In / n))
		return check("A", r, s.In)
	case inB:
		pb.Shape, pb.Init = []int{s.Out, r / n}, nil
		return check("B", s.Out, r)
	case b.Strict == nil || *b.Strict:
		return seam.Fieldf(fieldBlocks, "%s is named by neither target_modules_bd_a nor target_modules_bd_b; match_strict false leaves it a plain LoRA", s.Path)
	}
	return nil
}

// blockProduct is B A of a linear map's input where A or B is block-diagonal.
func (m *method) blockProduct(at *seam.At, x *seam.Node) *seam.Node {
	inA, inB := m.c.Blocks.at(at.Site.Path)
	dense := func(x, w *seam.Node, blocks bool) *seam.Node {
		if blocks {
			return blockDense(at, x, w, m.c.Blocks.count())
		}
		return at.Dense(x, w)
	}
	return dense(dense(x, at.Param(nameA), inA), at.Param(nameB), inB)
}

// blockDense is at.Dense by a block-diagonal matrix whose n blocks stand one below the other in w [out, in/n].
func blockDense(at *seam.At, x, w *seam.Node, n int) *seam.Node {
	dims := slices.Clone(x.Shape().Dimensions)
	in, last := dims[len(dims)-1]/n, len(dims)-1
	d := w.Shape().Dimensions
	out := d[len(d)-2] / n
	dims[last] = n * out
	if at.ByRow() {
		x = graph.Reshape(x, dims[0], -1, n, in)
		w = graph.Reshape(w, dims[0], n, out, in)
		y := graph.Dot(x, w).General([]int{3}, []int{0, 2}, []int{3}, []int{0, 1}) // [batch, n, …, out]
		return graph.Reshape(graph.TransposeAllAxes(y, 0, 2, 1, 3), dims...)
	}
	y := graph.Dot(graph.Reshape(x, -1, n, in), graph.Reshape(w, n, out, in)).General([]int{2}, []int{1}, []int{2}, []int{0})
	return graph.Reshape(graph.TransposeAllAxes(y, 1, 0, 2), dims...)
}

// wholeBlocks gives a block-diagonal matrix [out, in] with its zeros.
func wholeBlocks(w *seam.Node, n int) *seam.Node {
	d := w.Shape().Dimensions
	index := func(axis int) *seam.Node { return graph.Iota(w.Graph(), shapes.Make(dtypes.Int32, n, 1, n, 1), axis) }
	same := graph.ConvertDType(graph.Equal(index(0), index(2)), w.DType())
	return graph.Reshape(graph.Mul(graph.Reshape(w, n, d[0]/n, 1, d[1]), same), d[0], n*d[1])
}
