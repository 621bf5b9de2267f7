package lora

import (
	"math"

	"gonum.org/v1/gonum/mat"

	"github.com/gopeft/gopeft/peft/seam"
)

// LoftQ is the setting of the start "loftq", which is for a backbone that will be served quantised: it seeks the quantised
// weight Q and the A and B for which Q + s B A is nearest to the weight. Li et al. 2023, arXiv:2310.08659, algorithm 1.
type LoftQ struct {
	// Bits of the quantised weight: 2 or 4 (NormalFloat, in blocks of 64 numbers) or 8 (whole numbers, each row with its own
	// scale). 0 means 4.
	Bits int `json:"loftq_bits" default:"4"`
	// Iterations of quantising and decomposing in turns. 0 means 1.
	Iterations int `json:"loftq_iter" default:"1"`

	whole bool // write all, see filled
}

// UnmarshalJSON reads an object; an unknown key is an error.
func (q *LoftQ) UnmarshalJSON(raw []byte) error { return readSettings(raw, q) }

// MarshalJSON writes what is set.
func (q LoftQ) MarshalJSON() ([]byte, error) { return writeSettings(q, q.whole) }

func (q LoftQ) isSet() bool { return q != LoftQ{} }

func (q LoftQ) validate() error {
	q = seam.WithDefaults(q)
	switch {
	case q.Bits != 2 && q.Bits != 4 && q.Bits != 8:
		return seam.Fieldf("loftq_config", "loftq_bits must be 2, 4 or 8, is %d", q.Bits)
	case q.Iterations < 1:
		return seam.Fieldf("loftq_config", "loftq_iter must be at least 1, is %d", q.Iterations)
	}
	return nil
}

// nameQuantised is the weight after quantising, which takes the place of the frozen one. It follows from that, so no file
// holds it.
const nameQuantised = "loftq.weight"

// startQuantised quantises a site's weight, which the adapter's value then takes the place of, and starts A and B at what that
// lost.
func (m *method) startQuantised(in *seam.Init, s seam.Site) error {
	flat, shape, err := in.Frozen(s.Path + ".weight")
	if err != nil {
		return err
	}
	quantised, err := in.Value(s.Path, nameQuantised)
	if err != nil {
		return err
	}
	a, b, r, err := pair(in, s, nameA, nameB)
	if err != nil {
		return err
	}
	if least := min(shape[0], shape[1]); r > least {
		return seam.Fieldf("r", "%d is more than the %d directions of the %v weight of %s", r, least, shape, s.Path)
	}
	scale, err := in.Value(s.Path, nameScale)
	if err != nil {
		return err
	}
	if scale[0] <= 0 {
		return seam.Fieldf("lora_alpha", "must be positive with init_lora_weights %q", m.c.Init)
	}
	q := seam.WithDefaults(m.c.LoftQ)
	w, a0, b0 := toFloat64(flat), make([]float32, len(a)), make([]float32, len(b))
	rest := toFloat64(flat)
	for round := range q.Iterations {
		quantise(rest, shape[1], q.Bits)
		for i, v := range rest {
			quantised[i] = float32(v)
		}
		if in.Loaded() && round == q.Iterations-1 {
			return nil // A and B are in the file
		}
		lost := mat.NewDense(shape[0], shape[1], nil)
		for i, v := range w {
			lost.Set(i/shape[1], i%shape[1], v-rest[i])
		}
		if err := principal(s, lost, r, float64(scale[0]), a0, b0); err != nil {
			return err
		}
		for i := range shape[0] {
			for j := range shape[1] {
				sum := 0.0
				for k := range r {
					sum += float64(b0[i*r+k]) * float64(a0[k*shape[1]+j])
				}
				rest[i*shape[1]+j] = w[i*shape[1]+j] - float64(scale[0])*sum
			}
		}
	}
	copy(a, a0)
	copy(b, b0)
	return nil
}

// quantise rounds numbers, rows of a width, to those that a number of bits can hold.
func quantise(flat []float64, width, bits int) {
	if bits == 8 {
		for i := 0; i < len(flat); i += width {
			row := flat[i : i+width]
			scale := largest(row) / 127
			for j, v := range row {
				if scale > 0 {
					row[j] = math.RoundToEven(v/scale) * scale
				}
			}
		}
		return
	}
	levels := normalFloat(bits)
	for i := 0; i < len(flat); i += normalBlock {
		block := flat[i:min(i+normalBlock, len(flat))]
		scale := largest(block)
		for j, v := range block {
			if scale > 0 {
				block[j] = nearest(levels, v/scale) * scale
			}
		}
	}
}

// largest is the largest absolute value.
func largest(flat []float64) float64 {
	most := 0.0
	for _, v := range flat {
		most = max(most, math.Abs(v))
	}
	return most
}

// normalBlock is how many numbers share a scale.
const normalBlock = 64

// normalFloat gives the levels of NormalFloat: quantiles of the normal distribution with a zero among them, scaled to [-1, 1].
// Dettmers et al. 2023, arXiv:2305.14314, appendix E.
func normalFloat(bits int) []float64 {
	const offset = 0.9677083 // the outermost quantile
	half := 1 << (bits - 1)
	var out []float64
	quantile := func(p float64) float64 { return math.Sqrt2 * math.Erfinv(2*p-1) }
	for i := range half - 1 { // below 0
		out = append(out, -quantile(offset+(0.5-offset)*float64(i)/float64(half-1)))
	}
	out = append(out, 0)
	for i := range half { // above
		out = append(out, quantile(0.5+(offset-0.5)*float64(i+1)/float64(half)))
	}
	most := largest(out)
	for i := range out {
		out[i] /= most
	}
	return out
}

// nearest gives the level nearest to v; of two that are as near the lower.
func nearest(levels []float64, v float64) float64 {
	best := levels[0]
	for _, l := range levels[1:] {
		if math.Abs(v-l) < math.Abs(v-best) {
			best = l
		}
	}
	return best
}
