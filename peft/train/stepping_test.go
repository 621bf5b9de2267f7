package train_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"strings"
	"testing"

	"github.com/gomlx/gomlx/core/graph"
	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"

	"github.com/gopeft/gopeft/internal/pefttest/golden"
	"github.com/gopeft/gopeft/optim"
	"github.com/gopeft/gopeft/peft"
	"github.com/gopeft/gopeft/peft/seam"
	"github.com/gopeft/gopeft/peft/train"
)

// fading is a method for tests: it scales the outputs of linear maps and, after each step, sets the one scale to 1 whose
// gradients were smallest over time. The number of steps is a value of its own that is saved.
type fading struct {
	seam.Common
	Targets seam.Targets `json:"target_modules" default:"null"`
	Rate    float64      `json:"rate" default:"0.0"`    // of plain SGD, to check gradients by; 0 checks nothing
	Busy    int          `json:"busy" default:"0"`      // steps during which it is unfinished
	Fail    int          `json:"fail" default:"0"`      // the step that fails
	Wrong   bool         `json:"wrong" default:"false"` // changes what does not train
}

func (*fading) PEFTType() string               { return "FADING" }
func (c *fading) Method() (seam.Method, error) { return &fade{c: seam.WithDefaults(*c)}, nil }

func init() {
	seam.Register(seam.Spec{New: func() seam.Config { return new(fading) }})
}

type fade struct{ c fading }

func (m *fade) GraphKey() string { return "" }

func (m *fade) Plan(b *seam.Blueprint) (*seam.Plan, error) {
	return b.PlanSites(seam.Selector{Targets: m.c.Targets}, func(s seam.Site) ([]seam.Param, error) {
		return []seam.Param{
			{Name: "scale", Shape: []int{s.Out}, Fill: 1}, {Name: "steps", Shape: []int{1}, Moving: true},
			{Name: "fixed", Shape: []int{1}, Fill: 1, Frozen: true},
		}, nil
	})
}

func (m *fade) Linear(at *seam.At, x *seam.Node, next func(*seam.Node) *seam.Node) *seam.Node {
	y := next(x)
	return graph.Mul(y, at.Spread(at.Param("scale"), y))
}

func (m *fade) AfterStep(s *seam.Step) error {
	if s.Number == m.c.Fail {
		return errors.New("can't go on")
	}
	if s.Number <= m.c.Busy {
		s.Unfinished()
	}
	s.Warn("of %d steps", s.Total)
	for _, site := range s.Sites() {
		scale, err := s.Value(site, "scale")
		if err != nil {
			return err
		}
		grad, err := s.Gradient(site, "scale")
		if err != nil {
			return err
		}
		seen, err := s.State(site+"/seen", len(scale))
		if err != nil {
			return err
		}
		before, err := s.State(site+"/before", len(scale))
		if err != nil {
			return err
		}
		least := 0
		for i, g := range grad {
			if m.c.Rate > 0 && s.Number > 1 && math.Abs(float64(before[i]-float32(m.c.Rate)*g-scale[i])) > 1e-6 {
				return fmt.Errorf("step %d: %v became %v by a gradient of %v", s.Number, before[i], scale[i], g)
			}
			if seen[i] = 0.9*seen[i] + g*g; seen[i] < seen[least] {
				least = i
			}
		}
		scale[least] = 1
		copy(before, scale)
		steps, err := s.Value(site, "steps")
		if err != nil {
			return err
		}
		steps[0]++
		if m.c.Wrong {
			fixed, err := s.Value(site, "fixed")
			if err != nil {
				return err
			}
			fixed[0]++
		}
	}
	return nil
}

func faded(t *testing.T, cfg fading) *peft.Adapted {
	t.Helper()
	b, err := peft.NewBackbone(toy{new(int)}, peft.Tensors{"head.weight": tensors.FromValue(toyWeight)}, golden.OpenEngine(t), seam.Origin{})
	require.NoError(t, err)
	cfg.Targets = peft.Match("head")
	a, err := peft.Attach(b, "a", &cfg)
	require.NoError(t, err)
	return a
}

const (
	scaleKey = "base_model.model.head.scale"
	stepsKey = "base_model.model.head.steps"
)

// The method gets, after each step of one batch or of several, the gradient that the step was made of, and training goes on
// with what it leaves.
func TestStepping(t *testing.T) {
	for _, every := range []int{1, 2} {
		a := faded(t, fading{Rate: 0.5})
		trainer, err := train.New(a, train.Options{
			Optimizer: optim.SGD{LR: 0.5}, Schedule: optim.Constant{}, MaxGradNorm: optim.Zero, Steps: 6, Accumulate: every,
		})
		require.NoError(t, err)
		_, err = trainer.FitSource(t.Context(), shifted())
		require.NoError(t, err)
		got := values(t, a)
		require.Equal(t, []float32{6}, got[stepsKey])
		require.Contains(t, got[scaleKey], float32(1))
		require.NotEqual(t, []float32{1, 1, 1}, got[scaleKey])
	}
}

// A loop of one's own that calls Stepping computes what the Trainer does.
func TestSteppingOfOwn(t *testing.T) {
	const rate, steps = 0.5, 6
	a := faded(t, fading{Rate: rate})
	trainer, err := train.New(a, train.Options{Optimizer: optim.SGD{LR: rate}, Schedule: optim.Constant{}, MaxGradNorm: optim.Zero, Steps: steps})
	require.NoError(t, err)
	_, err = trainer.FitSource(t.Context(), shifted())
	require.NoError(t, err)

	b := faded(t, fading{Rate: rate})
	ad, err := b.Adapter("a")
	require.NoError(t, err)
	stepping := ad.Stepping(steps)
	require.NotNil(t, stepping)
	for i := range steps {
		if i == steps/2 { // as by a loop that is stopped and gone on with
			state := stepping.State()
			stepping = ad.Stepping(steps)
			require.NoError(t, stepping.Restore(state, false))
		}
		in := shifted()[i%3].Tensors
		_, grads, err := b.Gradients(t.Context(), peft.Use("a"), in)
		require.NoError(t, err)
		moving, err := b.Moving(peft.Use("a"))
		require.NoError(t, err)
		scale, err := ad.Value(scaleKey)
		require.NoError(t, err)
		next := flat(t, scale)
		for k, g := range flat(t, grads[0]) {
			next[k] -= rate * g
		}
		all, err := stepping.After(i+1, []*peft.Tensor{tensors.FromValue(next), moving[0].Value}, grads)
		require.NoError(t, err)
		require.NoError(t, ad.Publish(all))
	}
	want, got := values(t, a), values(t, b)
	require.Equal(t, want[stepsKey], got[stepsKey])
	require.InDeltaSlice(t, want[scaleKey], got[scaleKey], 1e-6)
	require.Equal(t, []string{"of 6 steps"}, stepping.Warnings())

	_, err = stepping.After(1, nil, nil)
	require.ErrorIs(t, err, peft.ErrAdapter)
	_, err = stepping.After(1, []*peft.Tensor{tensors.FromValue([]float32{1, 2, 3})}, nil)
	require.ErrorIs(t, err, peft.ErrAdapter)
	_, err = stepping.After(1, []*peft.Tensor{tensors.FromValue([]float32{1, 2})}, nil)
	require.ErrorIs(t, err, peft.ErrTensor)
	require.ErrorIs(t, stepping.Restore(peft.Tensors{"x": nil}, false), peft.ErrTensor)
	require.NoError(t, stepping.Restore(peft.Tensors{"head/seen": tensors.FromValue([]float32{1})}, false))
	_, err = stepping.After(1, []*peft.Tensor{tensors.FromValue([]float32{1, 2, 3})}, []*peft.Tensor{tensors.FromValue([]float32{1, 2, 3})})
	require.ErrorIs(t, err, peft.ErrTensor)
	require.ErrorContains(t, err, "head/seen")
}

// Most methods leave values to the optimiser.
func TestNoStepping(t *testing.T) {
	a, _ := newToy(t, 0)
	ad, err := a.Adapter("a")
	require.NoError(t, err)
	stepping := ad.Stepping(3)
	require.Nil(t, stepping)
	given := []*peft.Tensor{tensors.FromValue([]float32{1})}
	got, err := stepping.After(1, given, nil)
	require.NoError(t, err)
	require.Equal(t, given, got)
	require.Empty(t, stepping.State())
	require.NoError(t, stepping.Restore(nil, true))
	require.False(t, stepping.Unfinished())
	require.Empty(t, stepping.Warnings())
}

// What the method gives as an error ends the run, which leaves the values of the last whole step.
func TestSteppingFails(t *testing.T) {
	a := faded(t, fading{Fail: 3})
	trainer, err := train.New(a, train.Options{Steps: 6})
	require.NoError(t, err)
	_, err = trainer.FitSource(t.Context(), shifted())
	require.ErrorContains(t, err, "FADING after step 3: can't go on")
	require.Equal(t, []float32{2}, values(t, a)[stepsKey])

	trainer, err = train.New(faded(t, fading{Wrong: true}), train.Options{Steps: 6})
	require.NoError(t, err)
	_, err = trainer.FitSource(t.Context(), shifted())
	require.ErrorIs(t, err, peft.ErrTensor)
	require.ErrorContains(t, err, "head.fixed\": was changed between steps")
}

// Evaluations of what is unfinished are none of the best, and try nobody's patience. What the method warns of is logged once.
func TestUnfinished(t *testing.T) {
	const busy, steps = 4, 6
	var log strings.Builder
	var best []int
	a := faded(t, fading{Busy: busy})
	trainer, err := train.New(a, train.Options{
		Steps: steps, EvalSource: shifted(), EvalEvery: 1, Optimizer: optim.SGD{LR: 1e-3},
		EarlyStopping: &train.EarlyStopping{Patience: 2, MinDelta: 10},
		Logger:        slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelWarn})),
		OnEval: func(e train.Evaluation) error {
			if e.Best {
				best = append(best, e.Step)
			}
			return nil
		},
	})
	require.NoError(t, err)
	report, err := trainer.FitSource(t.Context(), shifted())
	require.NoError(t, err)
	require.Equal(t, busy+1, best[0])
	require.Greater(t, report.BestStep, busy)
	require.Equal(t, steps, report.Steps, "nothing waited before")
	require.Equal(t, 1, strings.Count(log.String(), "of 6 steps"), log.String())
}

// A run of such a method that was stopped after any step goes on to the same bits.
func TestResumeStepping(t *testing.T) {
	backbone := textBERT(t)
	travel := func(ctx context.Context, o train.Options) error {
		cfg := &fading{Targets: peft.Match("query", "value"), Busy: 5}
		cfg.TaskType = "SEQ_CLS"
		trainer, err := train.New(attachOf(t, backbone, cfg), o)
		require.NoError(t, err)
		_, err = trainer.Fit(ctx, sentences(11))
		return err
	}
	whole := t.TempDir()
	require.NoError(t, travel(t.Context(), journey(whole)))
	want := readRecord(t, whole)
	for stop := 1; stop <= journeySteps; stop += 2 {
		out := t.TempDir()
		o := journey(out)
		ctx, cancel := context.WithCancel(t.Context())
		o.OnStep = func(s train.Step) error {
			if s.Step == stop {
				cancel()
			}
			return nil
		}
		require.ErrorIs(t, travel(ctx, o), context.Canceled)
		o = journey(out)
		o.Resume = true
		require.NoError(t, travel(t.Context(), o))
		got := readRecord(t, out)
		require.Equal(t, []float64{float64(stop)}, got.resumed)
		sameRecord(t, want, got)
		cancel()
	}
}

// Batches of examples are there before an adapter is.
func TestSource(t *testing.T) {
	b := attach(t, textBERT(t)).Backbone()
	src, err := train.Source(b, train.Options{BatchSize: 4}, sentences(11))
	require.NoError(t, err)
	require.Equal(t, 3, src.NumBatches())
	for batch, err := range src.Epoch(0, 0) {
		require.NoError(t, err)
		require.Contains(t, batch.Tensors, "labels")
	}
	_, err = train.Source(nil, train.Options{}, sentences(2))
	require.ErrorIs(t, err, peft.ErrInput)
	_, err = train.Source(b, train.Options{BatchSize: -1}, sentences(2))
	require.ErrorIs(t, err, train.ErrOptions)
}
