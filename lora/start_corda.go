package lora

import (
	"errors"
	"fmt"
	"io"
	"math"
	"os"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"gonum.org/v1/gonum/mat"

	"github.com/gopeft/gopeft/internal/atomicfile"
	"github.com/gopeft/gopeft/internal/safetensors"
	"github.com/gopeft/gopeft/peft/seam"
)

// measuredCovariance names the sum of Xᵀ X over the rows of the batches, X what goes into a target, divided by its largest
// number; measuredCount how many rows these were.
const measuredCovariance, measuredCount = "covariance", "count"

// cordaCalibration measures covariances, unless a file has them or what follows from them.
func (m *method) cordaCalibration() *seam.Calibration {
	set := m.c.cordaSettings()
	if there(set.CacheFile) || there(set.CovarianceFile) {
		return nil
	}
	return &seam.Calibration{Setting: fieldInit, Measure: func(p *seam.Probe) seam.Nodes {
		if !p.Has(nameScale) || p.Site.Kind != seam.Linear {
			return nil
		}
		var sum, count *seam.Node
		for _, x := range p.Inputs() {
			cov, rows := covariance(p, x)
			if set.HalfCovariance {
				cov = graph.ConvertDType(graph.ConvertDType(cov, dtypes.Float16), dtypes.Float32)
			}
			if sum == nil {
				sum, count = cov, rows
			} else {
				sum, count = graph.Add(sum, cov), graph.Add(count, rows)
			}
		}
		if sum == nil {
			return nil
		}
		return seam.Nodes{measuredCovariance: sum, measuredCount: count}
	}}
}

// covariance is the sum of Xᵀ X over the rows of a batch x [batch, …, in], each divided by its largest number, without
// padding; and how many there are.
func covariance(p *seam.Probe, x *seam.Node) (cov, count *seam.Node) {
	in, batch := p.Site.In, x.Shape().Dimensions[0]
	mask := graph.OnesLike(graph.Reshape(x, batch, -1, in))
	if given := p.Argument("attention_mask"); given != nil && x.Rank() == 3 && given.Rank() == 2 &&
		given.Shape().Dimensions[0] == batch && given.Shape().Dimensions[1] == x.Shape().Dimensions[1] {
		mask = graph.Mul(mask, graph.InsertAxes(graph.ConvertDType(given, dtypes.Float32), -1))
	}
	x = graph.Reshape(x, batch, -1, in)
	real := graph.GreaterThan(mask, graph.ZerosLike(mask))
	lowest := graph.MulScalar(graph.OnesLike(x), -math.MaxFloat32)
	most := graph.Abs(graph.ReduceAndKeep(graph.ReduceAndKeep(graph.Where(real, x, lowest), graph.ReduceMax, 1), graph.ReduceMax, 2))
	most = graph.Where(graph.Equal(most, graph.ZerosLike(most)), graph.OnesLike(most), most)
	rows := graph.Reshape(graph.Mul(graph.Div(x, most), mask), -1, in)
	return graph.MatMul(graph.Transpose(rows, 0, 1), rows), graph.Scalar(x.Graph(), dtypes.Float32, float64(batch))
}

// there reports whether a file of what was measured is there.
func there(path string) bool {
	info, err := os.Stat(path)
	return path != "" && err == nil && info.Size() > 0
}

// components are the parts of a site's weight that CorDA starts from: U [out, r], S [r], and V [r, in] times the inverse of the
// covariance.
type components struct{ u, s, v []float32 }

// corda finds CorDA's start: with C the covariance of what goes in, W C = U S Vᵀ, of which r columns of U and rows of Vᵀ C⁻¹.
func (m *method) corda(in *seam.Init, s seam.Site, w *mat.Dense, r int, scale float64, a0, b0 []float32) error {
	set := m.c.cordaSettings()
	var of components
	var err error
	if there(set.CacheFile) {
		of, err = readComponents(set.CacheFile, s, r)
	} else {
		of, err = m.findComponents(in, s, w, r)
	}
	if err != nil {
		return err
	}
	for k := range r {
		root := math.Sqrt(float64(of.s[k]) / scale)
		for j := range s.In {
			a0[k*s.In+j] = float32(root * float64(of.v[k*s.In+j]))
		}
		for i := range s.Out {
			b0[i*r+k] = float32(root * float64(of.u[i*r+k]))
		}
	}
	return nil
}

func (m *method) findComponents(in *seam.Init, s seam.Site, w *mat.Dense, r int) (components, error) {
	cov, err := m.covarianceOf(in, s)
	if err != nil {
		return components{}, err
	}
	wide, inverse, err := dampened(s, cov)
	if err != nil {
		return components{}, err
	}
	var product mat.Dense
	product.Mul(w, wide)
	u, sv, v, err := decompose(s, &product)
	if err != nil {
		return components{}, err
	}
	var back mat.Dense
	back.Mul(v.T(), inverse)
	first := 0
	if m.c.cordaSettings().Method == "kpm" {
		first = len(sv) - r
	}
	of := components{make([]float32, s.Out*r), make([]float32, r), make([]float32, r*s.In)}
	for k := range r {
		of.s[k] = float32(sv[first+k])
		for i := range s.Out {
			of.u[i*r+k] = float32(u.At(i, first+k))
		}
		for j := range s.In {
			of.v[k*s.In+j] = float32(back.At(first+k, j))
		}
	}
	return of, nil
}

// dampened adds to a covariance's diagonal, more and more, until it can be inverted. It gives both.
func dampened(s seam.Site, cov *mat.Dense) (wide, inverse *mat.Dense, err error) {
	n := s.In
	mean := mat.Trace(cov) / float64(n)
	if !(mean > 0) || math.IsInf(mean, 0) {
		return nil, nil, fmt.Errorf("%w: what goes into %s has a mean square of %v, of which no start can be made", seam.ErrTensor, s.Path, mean)
	}
	for damp := 0.01; damp < 1e6; damp *= 2 {
		wide, inverse = mat.DenseCopyOf(cov), new(mat.Dense)
		for i := range n {
			wide.Set(i, i, wide.At(i, i)+damp*mean)
		}
		if inverse.Inverse(wide) != nil {
			continue
		}
		var off mat.Dense
		off.Mul(wide, inverse)
		for i := range n {
			off.Set(i, i, off.At(i, i)-1)
		}
		if mat.Norm(&off, 2) < 0.05 {
			return wide, inverse, nil
		}
	}
	return nil, nil, fmt.Errorf("%w: the covariance of what goes into %s can't be inverted", seam.ErrTensor, s.Path)
}

// covarianceOf is the mean covariance of a row, from the file that has it or from what was measured.
func (m *method) covarianceOf(in *seam.Init, s seam.Site) (*mat.Dense, error) {
	if path := m.c.cordaSettings().CovarianceFile; there(path) {
		flat, err := readFlat(path, s.Path, s.In*s.In)
		if err != nil {
			return nil, err
		}
		return mat.NewDense(s.In, s.In, toFloat64(flat)), nil
	}
	sum, ok := in.Measured().(*seam.Measured)
	if !ok {
		return nil, fmt.Errorf("%w: no covariance was measured", seam.ErrTensor)
	}
	flat, _, err := sum.Value(s.Path, measuredCovariance)
	if err != nil {
		return nil, err
	}
	count, _, err := sum.Value(s.Path, measuredCount)
	if err != nil {
		return nil, err
	}
	cov := mat.NewDense(s.In, s.In, toFloat64(flat))
	cov.Scale(1/float64(count[0]), cov)
	return cov, nil
}

// Names of a target's components in a cache file.
func cacheKey(s seam.Site, part string) string { return s.Path + ".eigens." + part }

func readComponents(path string, s seam.Site, r int) (of components, err error) {
	if of.u, err = readFlat(path, cacheKey(s, "U_WC"), s.Out*r); err != nil {
		return of, err
	}
	if of.s, err = readFlat(path, cacheKey(s, "S_WC"), r); err != nil {
		return of, err
	}
	of.v, err = readFlat(path, cacheKey(s, "V_WC"), s.In*r)
	if err == nil {
		of.v = transposed(of.v, s.In, r)
	}
	return of, err
}

// transposed gives [columns, rows] of [rows, columns].
func transposed(v []float32, rows, columns int) []float32 {
	out := make([]float32, len(v))
	for i := range rows {
		for k := range columns {
			out[k*rows+i] = v[i*columns+k]
		}
	}
	return out
}

// readFlat reads so many numbers of a tensor of a safetensors file.
func readFlat(path, name string, size int) ([]float32, error) {
	file, err := safetensors.Open(path)
	if err != nil {
		return nil, seam.Fieldf(fieldCorDA, "%s is no safetensors file, as torch.save's are none: %v", path, err)
	}
	defer file.Close()
	t, err := file.Tensor(name)
	if err != nil {
		return nil, &seam.TensorError{Tensor: name, Reason: fmt.Sprintf("can't be read from %s: %v", path, err)}
	}
	flat, err := safetensors.Floats(t)
	if err == nil && len(flat) != size {
		err = &seam.TensorError{Tensor: name, Reason: fmt.Sprintf("has %d numbers in %s, want %d: it is of another model or rank", len(flat), path, size)}
	}
	return flat, err
}

// keepMeasured writes the files that CorDA's settings name and that are not there yet.
func (m *method) keepMeasured(in *seam.Init) error {
	set := m.c.cordaSettings()
	if m.c.Init != CorDAStart || in.Loaded() {
		return nil
	}
	covariances, cache := seam.Tensors{}, seam.Tensors{}
	err := in.EachSite(func(s seam.Site) error {
		if !in.Has(s.Path, nameScale) {
			return nil
		}
		if set.CovarianceFile != "" && !there(set.CovarianceFile) {
			cov, err := m.covarianceOf(in, s)
			if err != nil {
				return err
			}
			covariances[s.Path] = tensors.FromFlatDataAndDimensions(toFloat32(cov.RawMatrix().Data), s.In, s.In)
		}
		if set.CacheFile == "" || there(set.CacheFile) {
			return nil
		}
		a0, b0, r, err := pair(in, s, nameStartA, nameStartB)
		if err != nil {
			return err
		}
		scale, err := in.Value(s.Path, nameScale)
		if err != nil {
			return err
		}
		of := componentsOf(s, a0, b0, r, float64(scale[0]))
		cache[cacheKey(s, "U_WC")] = tensors.FromFlatDataAndDimensions(of.u, s.Out, r)
		cache[cacheKey(s, "S_WC")] = tensors.FromFlatDataAndDimensions(of.s, r)
		cache[cacheKey(s, "V_WC")] = tensors.FromFlatDataAndDimensions(transposed(of.v, r, s.In), s.In, r)
		return nil
	})
	return errors.Join(err, writeKept(set.CovarianceFile, covariances, err), writeKept(set.CacheFile, cache, err))
}

// componentsOf finds the components again of which a start was made: columns of U have length 1.
func componentsOf(s seam.Site, a0, b0 []float32, r int, scale float64) components {
	of := components{make([]float32, len(b0)), make([]float32, r), make([]float32, len(a0))}
	for k := range r {
		square := 0.0
		for i := range s.Out {
			square += float64(b0[i*r+k]) * float64(b0[i*r+k])
		}
		of.s[k] = float32(square * scale)
		root := math.Sqrt(square)
		if root == 0 {
			root = 1
		}
		for i := range s.Out {
			of.u[i*r+k] = float32(float64(b0[i*r+k]) / root)
		}
		for j := range s.In {
			of.v[k*s.In+j] = float32(float64(a0[k*s.In+j]) / root)
		}
	}
	return of
}

// writeKept writes a file as a whole, unless there is nothing to write.
func writeKept(path string, all seam.Tensors, failed error) error {
	if failed != nil || len(all) == 0 {
		return nil
	}
	err := atomicfile.Write(path, 0o644, func(w io.Writer) error { return safetensors.Encode(w, all, nil) })
	if err != nil {
		return seam.Fieldf(fieldCorDA, "%s can't be written: %v", path, err)
	}
	return nil
}

func toFloat32(v []float64) []float32 {
	out := make([]float32, len(v))
	for i, x := range v {
		out[i] = float32(x)
	}
	return out
}
