package lora

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"

	"github.com/gopeft/gopeft/peft/seam"
)

// measuredGradient names the gradient of a target's weight.
const measuredGradient = "gradient"

// gradient finds LoRA-GA's start: of the singular vectors of the mean gradient of the batches, r for A and r for B, times their
// singular values.
func (m *method) gradient(in *seam.Init, s seam.Site, w *mat.Dense, r int, scale float64, a0, b0 []float32) error {
	sum, ok := in.Measured().(*seam.Measured)
	if !ok {
		return fmt.Errorf("%w: no gradients were measured", seam.ErrTensor)
	}
	flat, _, err := sum.Value(s.Path, measuredGradient)
	if err != nil {
		return err
	}
	least := min(s.In, s.Out)
	if 2*r > least {
		return seam.Sitef("r", s, "%d with init_lora_weights %q needs 2 r = %d directions of the gradient, which has %d", r, m.c.Init, 2*r, least)
	}
	set := m.c.ga()
	g := mat.NewDense(s.Out, s.In, toFloat64(flat))
	g.Scale(1/float64(sum.Batches), g)
	rnd := in.Rand(s.Path)
	u, sv, v := randomSVD(g, min(4*r, least), 4, rnd)
	ofA, ofB := make([]int, r), make([]int, r)
	perm := rnd.Perm(2 * r)
	for k := range r {
		switch set.Direction {
		case "ArB2r":
			ofA[k], ofB[k] = k, r+k
		case "A2rBr":
			ofA[k], ofB[k] = r+k, k
		case "ArBr":
			ofA[k], ofB[k] = 2*k+1, 2*k
		default:
			ofA[k], ofB[k] = perm[k], perm[k]
		}
	}
	scaleA, scaleB := 1.0, 1.0
	switch set.Scale {
	case "stable":
		scaleB = math.Pow(float64(s.Out), 0.25) / math.Sqrt(float64(set.StableGamma))
	case "weight_svd":
		if first := sv[ofB[0]]; first > 0 {
			_, of, _ := randomSVD(w, r, 4, rnd)
			scaleB = of[0] / first
		}
	case "gd_scale":
		scaleA, scaleB = 1/scale, 1/scale
	}
	for k := range r {
		for j := range s.In {
			a0[k*s.In+j] = float32(scaleA * v.At(j, ofA[k]))
		}
		for i := range s.Out {
			b0[i*r+k] = float32(scaleB * sv[ofB[k]] * u.At(i, ofB[k]))
		}
	}
	return nil
}
