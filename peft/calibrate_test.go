package peft_test

import (
	"context"
	"errors"
	"iter"
	"testing"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"

	"github.com/gopeft/gopeft/internal/pefttest/golden"
	"github.com/gopeft/gopeft/peft"
	"github.com/gopeft/gopeft/peft/data"
	"github.com/gopeft/gopeft/peft/seam"
)

// two is a model of two linear maps, x [batch, 3] to h [batch, 2] to y [batch, 1], whose loss is the mean of y - labels,
// squared.
type two struct{}

func (two) Info() peft.Info { return peft.Info{MaxPositions: 8} }

func (two) Sites() []seam.Site {
	return []seam.Site{
		{Path: "low", Kind: seam.Linear, Layer: -1, In: 3, Out: 2}, {Path: "high", Kind: seam.Linear, Layer: -1, In: 2, Out: 1},
	}
}

func (two) Check(peft.Tensors, int) error { return nil }

func (two) Forward(c *seam.Call, in seam.Nodes) seam.Nodes {
	y := c.Linear("high", c.Linear("low", in["x"]))
	out := seam.Nodes{"y": y}
	if in["labels"] != nil {
		out["loss"] = graph.ReduceAllMean(graph.Square(graph.Sub(y, in["labels"])))
	}
	return out
}

var (
	lowWeight  = [][]float32{{1, 2, 3}, {0, -1, 1}}
	highWeight = [][]float32{{2, -3}}
)

func twoBackbone(t *testing.T) *peft.Backbone {
	t.Helper()
	b, err := peft.NewBackbone(two{}, peft.Tensors{
		"low.weight": tensors.FromValue(lowWeight), "high.weight": tensors.FromValue(highWeight),
	}, golden.OpenEngine(t), seam.Origin{})
	require.NoError(t, err)
	return b
}

// learner is a method that needs data: it keeps the sums of what goes into its sites and of gradients as values.
type learner struct {
	seam.Common
	Targets seam.Targets `json:"target_modules" default:"null"`
	Data    bool         `json:"data" default:"false"`
	Each    bool         `json:"each" default:"false"`
	Plain   bool         `json:"plain" default:"false"` // no gradients
	Enough  int          `json:"enough" default:"0"`    // batches after which it has seen enough
	Batches int          `json:"batches" default:"0"`   // what Refine sets
}

func (*learner) PEFTType() string { return "LEARNER" }
func (c *learner) Method() (seam.Method, error) {
	return &learning{c: seam.WithDefaults(*c)}, nil
}

func init() { seam.Register(seam.Spec{New: func() seam.Config { return new(learner) }}) }

type learning struct{ c learner }

func (m *learning) GraphKey() string { return "" }

func (m *learning) Plan(b *seam.Blueprint) (*seam.Plan, error) {
	return b.PlanSites(seam.Selector{Targets: m.c.Targets}, func(s seam.Site) ([]seam.Param, error) {
		return []seam.Param{{Name: "x", Shape: []int{s.In}}, {Name: "g", Shape: []int{s.Out, s.In}}, {Name: "n", Shape: []int{1}}}, nil
	})
}

func (m *learning) Linear(at *seam.At, x *seam.Node, next func(*seam.Node) *seam.Node) *seam.Node {
	return next(x)
}

func (m *learning) Calibration() *seam.Calibration {
	if !m.c.Data {
		return nil
	}
	c := &seam.Calibration{Setting: "data", EachRow: m.c.Each, Gradients: !m.c.Plain, Measure: func(p *seam.Probe) seam.Nodes {
		out := seam.Nodes{"x": graph.ReduceSum(p.Rows(), 0)}
		if !m.c.Plain {
			out["g"] = p.Gradient()
		}
		return out
	}}
	if m.c.Enough > 0 {
		c.Collect = func(so any, batch *seam.Measured) (any, bool, error) {
			sum, ok := so.(*seam.Measured)
			if !ok {
				sum = seam.NewMeasured()
			}
			return sum, sum.Batches+1 >= m.c.Enough, sum.Add(batch)
		}
		c.Refine = func(cfg seam.Config, so any) (seam.Config, error) {
			cfg.(*learner).Batches = so.(*seam.Measured).Batches
			return cfg, nil
		}
	}
	return c
}

func (m *learning) Initialize(in *seam.Init) error {
	sum, ok := in.Measured().(*seam.Measured)
	if !ok {
		return nil
	}
	return in.EachSite(func(s seam.Site) error {
		for _, name := range []string{"x", "g"} {
			to, err := in.Value(s.Path, name)
			if err != nil {
				return err
			}
			from, _, err := sum.Value(s.Path, name)
			if err != nil && !m.c.Plain {
				return err
			}
			copy(to, from)
		}
		n, err := in.Value(s.Path, "n")
		if err != nil {
			return err
		}
		n[0] = float32(sum.Batches)
		return nil
	})
}

var xRows = [][]float32{{1, 0, 2}, {0, 1, 1}, {1, 1, 0}, {2, -1, 1}}
var yRows = [][]float32{{1}, {0}, {-2}, {3}}

// halves gives the rows in batches of two, with labels or without.
func halves(labels bool) iter.Seq2[peft.Tensors, error] {
	return func(yield func(peft.Tensors, error) bool) {
		for i := 0; i < 4; i += 2 {
			in := peft.Tensors{"x": tensors.FromValue(xRows[i : i+2])}
			if labels {
				in["labels"] = tensors.FromValue(yRows[i : i+2])
			}
			if !yield(in, nil) {
				return
			}
		}
	}
}

// What is measured is what goes in, and the derivative of the loss by the frozen weight, which differences confirm.
func TestCalibrate(t *testing.T) {
	for _, each := range []bool{false, true} {
		b := twoBackbone(t)
		a, err := peft.Attach(b, "a", &learner{Targets: peft.Match("low", "high"), Data: true, Each: each}, peft.Calibrate(t.Context(), halves(true)))
		require.NoError(t, err)
		ad, err := a.Adapter("a")
		require.NoError(t, err)
		got := func(site, name string) []float32 {
			v, err := ad.Value("base_model.model." + site + "." + name)
			require.NoError(t, err)
			return tensors.MustCopyFlatData[float32](v)
		}
		per := 2
		if each {
			per = 1
		}
		require.Equal(t, []float32{float32(4 / per)}, got("low", "n"))
		require.Equal(t, []float32{4, 1, 4}, got("low", "x"))
		require.Equal(t, []float32{1*4 + 2*1 + 3*4, -1 + 4}, got("high", "x"))
		// The loss of each batch by float64, moved in each weight.
		sum := func(low, high [][]float32) float64 {
			total := 0.0
			for i, x := range xRows {
				y := 0.0
				for k, w := range low {
					h := 0.0
					for j := range x {
						h += float64(w[j]) * float64(x[j])
					}
					y += float64(high[0][k]) * h
				}
				total += (y - float64(yRows[i][0])) * (y - float64(yRows[i][0])) / float64(per)
			}
			return total
		}
		check := func(w [][]float32, grad []float32) {
			const step = 1.0 / 64
			for i := range w {
				for j := range w[i] {
					old := w[i][j]
					w[i][j] = old + step
					up := sum(lowWeight, highWeight)
					w[i][j] = old - step
					down := sum(lowWeight, highWeight)
					w[i][j] = old
					require.InDelta(t, (up-down)/(2*step), float64(grad[i*len(w[i])+j]), 1e-3)
				}
			}
		}
		check(lowWeight, got("low", "g"))
		check(highWeight, got("high", "g"))
	}
}

// A method may end the measuring, and plan again by what it saw.
func TestCalibrateEnough(t *testing.T) {
	b := twoBackbone(t)
	a, err := peft.Attach(b, "a", &learner{Targets: peft.Match("low"), Data: true, Enough: 1}, peft.Calibrate(t.Context(), halves(true)))
	require.NoError(t, err)
	ad, err := a.Adapter("a")
	require.NoError(t, err)
	require.Equal(t, 1, ad.Config().(*learner).Batches)
	v, err := ad.Value("base_model.model.low.x")
	require.NoError(t, err)
	require.Equal(t, []float32{1, 1, 3}, tensors.MustCopyFlatData[float32](v))

	dir := t.TempDir()
	require.NoError(t, a.Save(dir))
	loaded, err := peft.Load(b, dir)
	require.NoError(t, err, "what is loaded needs no data")
	require.Len(t, loaded.Names(), 1)
	_, err = peft.Load(b, dir, peft.Calibrate(t.Context(), halves(true)))
	require.ErrorIs(t, err, peft.ErrInput)
	require.ErrorContains(t, err, "Calibrate")
}

func TestCalibrateRefused(t *testing.T) {
	b := twoBackbone(t)
	broken := errors.New("broken")
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	with := func(batches iter.Seq2[peft.Tensors, error]) []peft.Option {
		return []peft.Option{peft.Calibrate(t.Context(), batches)}
	}
	for _, c := range []struct {
		name string
		data bool
		each bool
		opts []peft.Option
		is   error
		says string
	}{
		{"no data", true, false, nil, peft.ErrConfig, "data: needs data for the first values: give Attach the option peft.Calibrate"},
		{"too much", false, false, with(halves(true)), peft.ErrInput, "Calibrate: LEARNER needs no data"},
		{"nil", true, false, with(nil), peft.ErrInput, "Calibrate"},
		{"none", true, false, with(func(func(peft.Tensors, error) bool) {}), peft.ErrInput, "there is no batch"},
		{"unlabelled", true, false, with(halves(false)), peft.ErrInput, "labels"},
		{"broken", true, false, with(func(yield func(peft.Tensors, error) bool) { yield(nil, broken) }), broken, ""},
		{"nil batch", true, false, with(func(yield func(peft.Tensors, error) bool) { yield(nil, nil) }), peft.ErrInput, ""},
		{"nil tensor", true, true, with(func(yield func(peft.Tensors, error) bool) { yield(peft.Tensors{"x": nil}, nil) }), peft.ErrInput, "x"},
		{"ragged", true, true, with(func(yield func(peft.Tensors, error) bool) {
			yield(peft.Tensors{"x": tensors.FromValue(xRows), "labels": tensors.FromValue(yRows[:1])}, nil)
		}), peft.ErrInput, "rows"},
		{"ended", true, false, []peft.Option{peft.Calibrate(ended, halves(true))}, context.Canceled, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := peft.Attach(b, "a", &learner{Targets: peft.Match("low"), Data: c.data, Each: c.each}, c.opts...)
			require.ErrorIs(t, err, c.is)
			require.ErrorContains(t, err, c.says)
		})
	}
}

// Batches of a source come without the rows that fill them up.
func TestTake(t *testing.T) {
	full := data.Batch{Rows: 1, Tensors: peft.Tensors{"x": tensors.FromValue(xRows), "n": tensors.FromScalar(float32(3))}}
	n := 0
	for batch, err := range data.Take(data.Fixed{Batch: full}, 3) {
		require.NoError(t, err)
		require.Equal(t, xRows[:1], batch["x"].Value())
		require.Equal(t, float32(3), batch["n"].Value())
		n++
	}
	require.Equal(t, 3, n)
	for range data.Take(data.Fixed{Batch: full}, 0) {
		n++
	}
	require.Equal(t, 4, n)
	for _, err := range data.Take(nil, 2) {
		require.ErrorIs(t, err, data.ErrEmpty)
	}
}

func TestNeedsData(t *testing.T) {
	require.True(t, peft.NeedsData(&learner{Targets: peft.Match("low"), Data: true}))
	require.False(t, peft.NeedsData(&learner{Targets: peft.Match("low")}))
	require.False(t, peft.NeedsData(small(2, 4, "query")))
	require.False(t, peft.NeedsData(nil))
	require.False(t, peft.NeedsData((*learner)(nil)))
}
