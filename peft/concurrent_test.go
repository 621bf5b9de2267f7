package peft_test

import (
	"fmt"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gopeft/gopeft/peft"
)

// TestTwoAdaptersAtOnce runs two adapters on one backbone from two goroutines, the first calls compiling.
func TestTwoAdaptersAtOnce(t *testing.T) {
	s := newScene(t)
	s.attach("a", small(4, 8, "query", "value"))
	s.attach("b", withHead(small(7, 3, "key")))
	want := map[string][][]float32{}
	for _, n := range s.Names() {
		other := newScene(t) // a backbone of its own, so that this one's cache is empty
		cfg, err := s.Adapter(n)
		require.NoError(t, err)
		c := cfg.Config()
		other.attach(n, c)
		want[n] = other.logits(peft.Use(n))
	}
	var wg sync.WaitGroup
	for _, n := range s.Names() {
		wg.Go(func() {
			for range 10 {
				out, err := s.Forward(t.Context(), peft.Use(n), s.x)
				if err != nil {
					t.Error(err)
					return
				}
				s.same(want[n], rowsOf(out["logits"]))
			}
		})
	}
	wg.Wait()
	require.Equal(t, 2, peft.Built(s.b))
}

// TestHotSwap publishes new values while eight goroutines call: each result is that of one published set, never of a
// mixture. Meanwhile adapters come and go.
func TestHotSwap(t *testing.T) {
	s := newScene(t)
	swapped := s.attach("swapped", withHead(small(4, 8, "query", "value")))
	s.attach("still", small(4, 8, "query"))
	sets := []peft.Tensors{shaken(swapped, "one"), shaken(swapped, "two")}
	selections := []peft.Selection{
		peft.Use("swapped"), peft.Use("still"), peft.Use("swapped", "still"), peft.Rows("swapped", "", "still"),
		peft.Average([]float64{0.5, 0.5}, peft.Use("swapped"), peft.Use("still")),
	}
	allowed := make([][][][]float32, len(selections))
	for _, set := range sets {
		require.NoError(t, swapped.Set(swapped.Config(), set))
		for i, sel := range selections {
			allowed[i] = append(allowed[i], s.logits(sel))
		}
	}
	before := peft.Built(s.b)
	var callers, swapper sync.WaitGroup
	stop := make(chan struct{})
	swapper.Go(func() {
		for i := 0; ; i++ {
			select {
			case <-stop:
				return
			default:
			}
			extra := fmt.Sprint("extra", i)
			for _, err := range []error{swapped.Set(swapped.Config(), sets[i%2]), s.Attach(extra, small(2, 2, "query")), s.Delete(extra)} {
				if err != nil {
					t.Error(err)
				}
			}
		}
	})
	for w := range 8 {
		callers.Go(func() {
			for i := range 15 {
				k := (w + i) % len(selections)
				out, err := s.Forward(t.Context(), selections[k], s.x)
				if err != nil {
					t.Error(err)
					return
				}
				if got := rowsOf(out["logits"]); !s.oneOf(allowed[k], got) {
					t.Errorf("%s gives %v, which is no published set's", selections[k], got)
				}
			}
		})
	}
	callers.Wait()
	close(stop)
	swapper.Wait()
	require.Equal(t, before, peft.Built(s.b), "new values compile nothing")
}

// oneOf reports whether got is one of the candidates.
func (s *scene) oneOf(candidates [][][]float32, got [][]float32) bool {
	for _, want := range candidates {
		worst := 0.0
		for i := range want {
			for k, w := range want[i] {
				worst = max(worst, float64(w-got[i][k]), float64(got[i][k]-w))
			}
		}
		if worst <= s.slack() {
			return true
		}
	}
	return false
}
