package lora

import (
	"math"

	"gonum.org/v1/gonum/mat"

	"github.com/gopeft/gopeft/peft/seam"
)

// draw sets how A and B of a site start, where that needs no other value.
func (m *method) draw(a, b *seam.Param, r int, s seam.Site) {
	switch {
	case m.c.Init.changesBase(), m.c.Init == MiCA, m.c.Init == LoftQStart, m.c.Init == EVAStart && s.Kind == seam.Linear: // see Initialize
	case s.Kind == seam.Embedding && !m.c.upright(s):
		b.Init = seam.Normal(1)
		if m.c.Init == Random {
			a.Init = seam.Normal(1)
		}
	case m.c.Init == Gaussian:
		a.Init = seam.Normal(1 / float64(r))
	case m.c.Init == Random:
		a.Init, b.Init = seam.Uniform(1/math.Sqrt(float64(inputs(a)))), seam.Uniform(1/math.Sqrt(float64(b.Shape[1])))
	default:
		a.Init = seam.Uniform(1 / math.Sqrt(float64(inputs(a)))) // Kaiming's with a = sqrt(5)
	}
}

// inputs counts the inputs of each of a matrix's outputs.
func inputs(p *seam.Param) int { return p.Size() / p.Shape[0] }

// kaiming is the bound of Kaiming's uniform draw for a number of inputs, with a = 0.
func kaiming(in int) float64 { return math.Sqrt(6 / float64(in)) }

// Initialize implements seam.Initializer: starts that depend on the frozen weight, and DoRA's magnitude. The part
// that the frozen weight loses is in no file, so it is found again on loading.
func (m *method) Initialize(in *seam.Init) error {
	if m.c.Arrow != nil {
		return nil
	}
	_, random := m.c.Init.iterations()
	if in.Loaded() && random {
		return &seam.UnsupportedError{Type: "LORA", Option: "a file with init_lora_weights", Value: string(m.c.Init) +
			": its start was random and is not in the file (HF PEFT draws another one and is off as well)"}
	}
	if in.Loaded() && (m.c.Init == CorDAStart || m.c.Init == GAStart) {
		return &seam.UnsupportedError{Type: "LORA", Option: "a file with init_lora_weights", Value: string(m.c.Init) +
			": its start came from data and is not in the file, so that what it computes can't be told"}
	}
	started := map[string]bool{} // modules whose rows train; several sites may share one
	err := in.EachSite(func(s seam.Site) error {
		if owner := in.Owner(s.Path); !in.Has(s.Path, nameScale) {
			if started[owner] {
				return nil
			}
			started[owner] = true
			return rowsOf.Start(in, owner)
		}
		if m.c.Init == Orthogonal && !in.Loaded() {
			if err := orthogonal(in, s); err != nil {
				return err
			}
		}
		if m.subtracts() {
			if err := m.startFromWeight(in, s); err != nil {
				return err
			}
		}
		if m.c.Init == EVAStart && !in.Loaded() && s.Kind == seam.Linear {
			if err := m.startEVA(in, s); err != nil {
				return err
			}
		}
		if m.c.Init == MiCA && !in.Loaded() {
			return startMinor(in, s)
		}
		if m.c.Init == LoftQStart {
			if err := m.startQuantised(in, s); err != nil {
				return err
			}
		}
		if m.c.DoRA && !in.Loaded() {
			return m.startMagnitude(in, s)
		}
		return nil
	})
	if err != nil {
		return err
	}
	return m.keepMeasured(in)
}

// pair reads the values of A and B at a site, to fill in place, and the rank.
func pair(in *seam.Init, s seam.Site, nameA, nameB string) (a, b []float32, r int, err error) {
	if a, err = in.Value(s.Path, nameA); err != nil {
		return nil, nil, 0, err
	}
	b, err = in.Value(s.Path, nameB)
	return a, b, len(a) / fanIn(s), err
}

// startFromWeight takes r directions out of the frozen weight. PiSSA: U sqrt(S/s), sqrt(S/s) Vᵀ of its singular value
// decomposition; OLoRA: Q, R of its QR decomposition; CorDA and LoRA-GA what follows from data; KaSA: the last ones of its singular value decomposition, with which A
// and B do not start.
func (m *method) startFromWeight(in *seam.Init, s seam.Site) error {
	flat, shape, err := in.Frozen(s.Path + ".weight")
	if err != nil {
		return err
	}
	w := mat.NewDense(shape[0], shape[1], toFloat64(flat))
	a0, b0, r, err := pair(in, s, nameStartA, nameStartB)
	if err != nil {
		return err
	}
	if r > min(shape[0], shape[1]) {
		return seam.Fieldf("r", "%d is more than the %v weight of %s has directions", r, shape, s.Path)
	}
	scale, err := in.Value(s.Path, nameScale)
	if err != nil {
		return err
	}
	if scale[0] <= 0 {
		return seam.Fieldf("lora_alpha", "must be positive with a start that is taken out of the weight")
	}
	if m.c.KaSA != nil {
		return dropMinor(s, w, r, float64(scale[0]), a0, b0)
	}
	switch m.c.Init {
	case OLoRA:
		qrFactors(w, r, a0, b0)
	case CorDAStart:
		if err := m.corda(in, s, w, r, float64(scale[0]), a0, b0); err != nil {
			return err
		}
	case GAStart:
		if err := m.gradient(in, s, w, r, float64(scale[0]), a0, b0); err != nil {
			return err
		}
	default:
		if err := m.pissa(in, s, w, r, float64(scale[0]), a0, b0); err != nil {
			return err
		}
	}
	if in.Loaded() {
		return nil
	}
	a, b, _, err := pair(in, s, nameA, nameB)
	copy(a, a0)
	copy(b, b0)
	return err
}

// orthogonal draws A and B in orthogonal subspaces of the rank: from a random rotation Q of it, A = (X Q_odd)ᵀ/10 and
// B = (Y Q_even)/10, so that BA = 0 while both have gradients.
func orthogonal(in *seam.Init, s seam.Site) error {
	a, b, r, err := pair(in, s, nameA, nameB)
	if err != nil {
		return err
	}
	rnd := in.Rand(s.Path)
	square := mat.NewDense(r, r, nil)
	for i := range r {
		for j := range r {
			square.Set(i, j, rnd.NormFloat64())
		}
	}
	q := columns(square, r, r)
	fill := func(n, first int, set func(i, k int, v float32)) {
		for i := range n {
			row := make([]float64, r)
			for j := first; j < r; j += 2 {
				x := rnd.NormFloat64() / 10
				for k := range r {
					row[k] += x * q.At(j, k)
				}
			}
			for k, v := range row {
				set(i, k, float32(v))
			}
		}
	}
	fill(s.In, 0, func(i, k int, v float32) { a[k*s.In+i] = v })
	fill(s.Out, 1, func(i, k int, v float32) { b[i*r+k] = v })
	return nil
}

// startMagnitude starts DoRA's m at the norm of the adapted weight, so that the start changes nothing.
func (m *method) startMagnitude(in *seam.Init, s seam.Site) error {
	flat, shape, err := in.Frozen(s.Path + ".weight")
	if err != nil {
		return err
	}
	magnitude, err := in.Value(s.Path, nameMagnitude)
	if err != nil {
		return err
	}
	a, b, r, err := pair(in, s, nameA, nameB)
	if s.Kind == seam.Embedding {
		a, b, r, err = pair(in, s, embedA, embedB)
	}
	if err != nil {
		return err
	}
	scale, err := in.Value(s.Path, nameScale)
	if err != nil {
		return err
	}
	if m.c.Init == LoftQStart {
		if flat, err = in.Value(s.Path, nameQuantised); err != nil {
			return err
		}
	}
	if m.subtracts() { // A and B start at what the weight has lost
		b = make([]float32, len(b))
	}
	sum := make([]float64, s.Out)
	columns, width := len(a)/r, len(flat)/s.Out // of B A, and of the weights of an output
	for at, v := range flat {
		o, row, col := at/width, at/columns, at%columns
		if s.Kind == seam.Embedding {
			o, row, col = at%shape[1], at%shape[1], at/shape[1]
		}
		w := float64(v)
		for k := range r {
			w += float64(scale[0]) * float64(b[row*r+k]) * float64(a[k*columns+col])
		}
		sum[o] += w * w
	}
	for o, v := range sum {
		magnitude[o] = float32(math.Sqrt(v))
	}
	return nil
}

func toFloat64(v []float32) []float64 {
	out := make([]float64, len(v))
	for i, x := range v {
		out[i] = float64(x)
	}
	return out
}
