package train_test

import (
	"context"
	"errors"
	"math"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gopeft/gopeft/optim"
	"github.com/gopeft/gopeft/peft"
	"github.com/gopeft/gopeft/peft/data"
	"github.com/gopeft/gopeft/peft/train"
)

// Wherever a run of plain SGD is stopped between two steps, the adapter has the values of a run that was so long.
func TestStop(t *testing.T) {
	enough := errors.New("enough")
	for name, stop := range map[string]func(cancel func()) error{
		"context": func(cancel func()) error { cancel(); return nil },
		"OnStep":  func(func()) error { return enough },
	} {
		t.Run(name, func(t *testing.T) {
			o := train.Options{Optimizer: optim.SGD{LR: 0.1}, Schedule: optim.Constant{}, Steps: 4}
			want := fit(t, o, shifted())
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			o.Steps = 9
			o.OnStep = func(s train.Step) error {
				require.LessOrEqual(t, s.Step, 4)
				if s.Step < 4 {
					return nil
				}
				return stop(cancel)
			}
			a, _ := newToy(t, 0)
			trainer, err := train.New(a, o)
			require.NoError(t, err)
			report, err := trainer.FitSource(ctx, shifted())
			require.Nil(t, report)
			if name == "context" {
				require.ErrorIs(t, err, context.Canceled)
				require.ErrorContains(t, err, "stopped after step 4 of 9")
			} else {
				require.ErrorIs(t, err, enough)
			}
			require.Equal(t, want, values(t, a))
		})
	}
}

// A run that breaks down says at which step, and leaves the adapter as it was last known to be sound.
func TestNotFinite(t *testing.T) {
	far := batches{toyBatch(1, []int32{0}, []int32{2})}
	for name, c := range map[string]struct {
		options train.Options
		step    int
		what    string
	}{
		// The first update throws the values away, so the second loss is none.
		"loss": {train.Options{Optimizer: optim.AdamW{LR: 1e30}, Steps: 5}, 2, "loss"},
		// There is no second loss to tell.
		"update":     {train.Options{Optimizer: optim.AdamW{LR: 1e39}, Steps: 1}, 1, "value of base_model.model.head.lora_"},
		"evaluation": {train.Options{Optimizer: optim.AdamW{LR: 1e30}, Steps: 1, EvalSource: far}, 1, "loss on the evaluation data"},
	} {
		t.Run(name, func(t *testing.T) {
			a, _ := newToy(t, 0)
			before := values(t, a)
			c.options.Schedule, c.options.Out = optim.Constant{}, t.TempDir()
			trainer, err := train.New(a, c.options)
			require.NoError(t, err)
			_, err = trainer.FitSource(t.Context(), shifted())
			var broken *train.NotFiniteError
			require.ErrorAs(t, err, &broken)
			require.ErrorIs(t, err, train.ErrNotFinite)
			require.Equal(t, c.step, broken.Step)
			require.Contains(t, broken.What, c.what)
			require.True(t, math.IsNaN(broken.Value) || math.IsInf(broken.Value, 0))
			require.Equal(t, before, values(t, a))
			require.NoDirExists(t, c.options.Out+"/adapter")
			require.NoDirExists(t, c.options.Out+"/checkpoints")
		})
	}
	// What was evaluated before the breakdown stands.
	a, _ := newToy(t, 0)
	want := fit(t, train.Options{Optimizer: optim.SGD{LR: 0.1}, Schedule: optim.Constant{}, Steps: 1}, shifted())
	trainer, err := train.New(a, train.Options{
		Optimizer: optim.SGD{LR: 0.1}, Schedule: breakdown{}, Steps: 5, EvalSource: shifted(), EvalEvery: 1,
	})
	require.NoError(t, err)
	_, err = trainer.FitSource(t.Context(), shifted())
	require.ErrorIs(t, err, train.ErrNotFinite)
	require.Equal(t, want, values(t, a))
}

// breakdown is sound for one step.
type breakdown struct{}

func (breakdown) Validate(int) error { return nil }

func (breakdown) Factor(index, _ int) float64 { return math.Pow(1e35, float64(index)) }

// Others use the adapter in training, and one beside it, and see whole sets of values: those of the start or of an
// evaluation. To be run under the race detector.
func TestServeMeanwhile(t *testing.T) {
	a, _ := newToy(t, 0.1)
	cfg := mustAdapter(t, a).Config()
	require.NoError(t, a.Attach("b", cfg, peft.Seed(9)))
	in := peft.Tensors{"x": toyBatch(2, []int32{0, 1}, []int32{0, 0}).Tensors["x"]}
	see := func(name string) []float32 {
		out, err := a.Forward(t.Context(), peft.Use(name), in)
		if err != nil {
			t.Error(err)
			return nil
		}
		return flat(t, out["logits"])
	}
	var mu sync.Mutex
	may := map[string][][]float32{"a": {see("a")}, "b": {see("b")}}
	var served []func() // checks, once all that may be seen is known
	done, wg := make(chan struct{}), sync.WaitGroup{}
	for _, name := range []string{"a", "b", "a"} {
		wg.Go(func() {
			for {
				select {
				case <-done:
					return
				default:
				}
				got := see(name)
				mu.Lock()
				served = append(served, func() { require.Contains(t, may[name], got, name) })
				mu.Unlock()
			}
		})
	}
	trainer, err := train.New(a, train.Options{
		Adapter: "a", Optimizer: optim.AdamW{LR: 0.05}, Steps: 30, EvalSource: shifted(), EvalEvery: 5,
		OnEval: func(train.Evaluation) error { may["a"] = append(may["a"], see("a")); return nil },
	})
	require.NoError(t, err)
	_, err = trainer.FitSource(t.Context(), shifted())
	close(done)
	wg.Wait()
	require.NoError(t, err)
	require.Len(t, may["a"], 7)
	require.NotEqual(t, may["a"][0], may["a"][6])
	require.NotEmpty(t, served)
	for _, check := range served[max(0, len(served)-2000):] {
		check()
	}
}

// The data's own errors end a run as well.
func TestSourceFails(t *testing.T) {
	a, _ := newToy(t, 0)
	trainer, err := train.New(a, train.Options{Steps: 5})
	require.NoError(t, err)
	bad := toyBatch(1, []int32{0}, []int32{0})
	delete(bad.Tensors, "labels")
	_, err = trainer.FitSource(t.Context(), batches{bad})
	require.ErrorIs(t, err, peft.ErrInput)
	_, err = trainer.FitSource(t.Context(), data.Fixed{Batch: bad})
	require.ErrorIs(t, err, peft.ErrInput)
}
