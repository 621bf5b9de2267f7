package deft

import (
	"gonum.org/v1/gonum/mat"

	"github.com/gopeft/gopeft/peft/seam"
)

// Initialize implements seam.Initializer: R starts as what P takes out of the weight.
func (m *method) Initialize(in *seam.Init) error {
	if in.Loaded() || m.c.PaRa || !*m.c.InitWeights {
		return nil
	}
	return in.EachSite(func(s seam.Site) error {
		w, _, err := in.Frozen(s.Path + ".weight")
		if err != nil {
			return err
		}
		p, err := in.Value(s.Path, nameP)
		if err != nil {
			return err
		}
		inject, err := in.Value(s.Path, nameR)
		if err != nil {
			return err
		}
		r := len(p) / s.Out
		var start mat.Dense
		start.Mul(m.measure(dense(s.Out, r, p)).T(), dense(s.Out, s.In, w))
		start.Scale(1/float64(m.scale(r)), &start)
		for i, v := range start.RawMatrix().Data {
			inject[i] = float32(v)
		}
		return nil
	})
}

// measure is N of P.
func (m *method) measure(p *mat.Dense) *mat.Dense {
	rows, r := p.Dims()
	if m.c.Decomposition == QR {
		var qr mat.QR
		var q mat.Dense
		qr.Factorize(p)
		qr.QTo(&q)
		return mat.DenseCopyOf(q.Slice(0, rows, 0, r))
	}
	var n mat.Dense
	n.Apply(func(_, _ int, v float64) float64 { return max(v, 0) }, p)
	return &n
}

func dense(rows, columns int, flat []float32) *mat.Dense {
	wide := make([]float64, len(flat))
	for i, v := range flat {
		wide[i] = float64(v)
	}
	return mat.NewDense(rows, columns, wide)
}
