package lora

import (
	"gonum.org/v1/gonum/mat"

	"github.com/gopeft/gopeft/peft/seam"
)

// startMinor is MiCA's start: B holds the left singular vectors of the weight's r smallest singular values and stays, A is 0
// and trains. Of an embedding it is the transposed weight's. arXiv:2604.01694.
func startMinor(in *seam.Init, s seam.Site) error {
	flat, shape, err := in.Frozen(s.Path + ".weight")
	if err != nil {
		return err
	}
	name, w := nameB, mat.Matrix(mat.NewDense(shape[0], shape[1], toFloat64(flat)))
	if s.Kind == seam.Embedding {
		name, w = embedB, w.T()
	}
	b, err := in.Value(s.Path, name)
	if err != nil {
		return err
	}
	rows, _ := w.Dims()
	r := len(b) / rows
	if least := min(shape[0], shape[1]); r > least {
		return seam.Fieldf("r", "%d is more than the %d directions of the %v weight of %s", r, least, shape, s.Path)
	}
	u, sv, _, err := decompose(s, w)
	if err != nil {
		return err
	}
	for i := range rows {
		for k := range r {
			b[i*r+k] = float32(u.At(i, len(sv)-r+k))
		}
	}
	return nil
}
