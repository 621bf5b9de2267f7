package lora

import (
	"math"

	"gonum.org/v1/gonum/mat"

	"github.com/gopeft/gopeft/peft/seam"
)

// KaSA is the setting of KaSA: the frozen weight loses its R smallest singular values, which stand for noise, and a trained
// value for each rank, lora_diag, stands between A and B: s B diag(d) A. Its two terms of the loss keep d small and A and B near
// orthogonal. Wang et al. 2024, arXiv:2412.06071, equations 9 to 12.
type KaSA struct {
	// Beta weighs the sum of d² in the loss. 0 means 1e-4, peft.Zero leaves it out.
	Beta float64 `json:"beta" default:"0.0001"`
	// Gamma weighs ‖BᵀB - I‖ + ‖AAᵀ - I‖ in the loss (Frobenius norms). 0 means 1e-3, peft.Zero leaves it out.
	Gamma float64 `json:"gamma" default:"0.001"`

	whole bool // write all, see filled
}

// UnmarshalJSON reads an object; an unknown key is an error.
func (k *KaSA) UnmarshalJSON(raw []byte) error { return readSettings(raw, k) }

// MarshalJSON writes what is set.
func (k KaSA) MarshalJSON() ([]byte, error) { return writeSettings(k, k.whole) }

func (k *KaSA) validate() error {
	if k == nil {
		return nil
	}
	set := seam.WithDefaults(*k)
	for _, v := range []struct {
		key   string
		value float64
	}{{"beta", set.Beta}, {"gamma", set.Gamma}} {
		if !(v.value >= 0) || math.IsInf(v.value, 0) {
			return seam.Fieldf(fieldKaSA, "%s must be a number of at least 0, is %v", v.key, v.value)
		}
	}
	return nil
}

// nameDiagonal is KaSA's d [r].
const nameDiagonal = "lora_diag"

// dropMinor finds what KaSA takes from the frozen weight: its r smallest singular values with their directions, as B₀ A₀ that
// s multiplies.
func dropMinor(s seam.Site, w *mat.Dense, r int, scale float64, a0, b0 []float32) error {
	if least := min(s.In, s.Out); r >= least {
		return seam.Fieldf("r", "must be below %d with kasa_config, so that something of the %d x %d weight of %s is left, is %d", least, s.Out, s.In, s.Path, r)
	}
	u, sv, v, err := decompose(s, w)
	if err != nil {
		return err
	}
	first := len(sv) - r
	for k := range r {
		for j := range s.In {
			a0[k*s.In+j] = float32(v.At(j, first+k))
		}
		for i := range s.Out {
			b0[i*r+k] = float32(sv[first+k] * u.At(i, first+k) / scale)
		}
	}
	return nil
}
