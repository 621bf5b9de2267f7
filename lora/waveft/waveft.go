package waveft

import (
	"fmt"
	"math"

	"github.com/gomlx/compute/dtypes"
	"github.com/gomlx/compute/shapes"
	"github.com/gomlx/gomlx/core/graph"

	"github.com/gopeft/gopeft/internal/spectral"
	"github.com/gopeft/gopeft/peft/seam"
)

// method is WaveFT with resolved settings.
type method struct {
	c    Config
	wave *spectral.Wavelet
}

var (
	_ seam.WeightHook = (*method)(nil)
	_ seam.Starter    = (*method)(nil)
)

// GraphKey implements seam.Method.
func (m *method) GraphKey() string { return fmt.Sprintf("%s,%t", m.c.WaveletFamily, *m.c.UseIDWT) }

// Weight implements seam.WeightHook.
func (m *method) Weight(at *seam.At, w seam.Affine) seam.Affine {
	rows, columns := at.Site.Out, at.Site.In
	if *m.c.UseIDWT {
		rows, columns = m.wave.Size(rows), m.wave.Size(columns)
	}
	values := graph.Mul(at.Param(nameSpectrum), at.Param(nameScale))
	update := graph.Scatter(at.Param(namePlaces), values, shapes.Make(dtypes.Float32, rows, columns), false, true)
	if *m.c.UseIDWT {
		update = m.wave.Inverse2(at.Once, update, at.Site.Out, at.Site.In)
	}
	w.Map = at.Plus(w.Map, at.Weight(update))
	return w
}

// StartError implements seam.Starter.
func (m *method) StartError() (bound float64, why string) {
	if *m.c.InitWeights {
		return 0, ""
	}
	return math.Inf(1), "the values are random"
}
