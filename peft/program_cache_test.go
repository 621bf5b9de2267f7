package peft_test

import (
	"sync"
	"testing"

	"github.com/gomlx/gomlx/core/tensors"
	"github.com/stretchr/testify/require"

	"github.com/gopeft/gopeft/peft"
)

// TestEqualShapesShareAProgram: names, values and alpha are not in a program, so switching never compiles.
func TestEqualShapesShareAProgram(t *testing.T) {
	s := newScene(t)
	for i, n := range []string{"a", "b", "c"} {
		s.attach(n, small(4, float64(i+1), "query", "value"))
	}
	s.attach("other rank", small(3, 8, "query", "value"))
	s.logits(peft.Use("a"))
	before := peft.Built(s.b)
	seen := [][]float32{}
	for range 3 {
		for _, n := range []string{"b", "a", "c"} {
			seen = append(seen, s.logits(peft.Use(n))[0])
		}
	}
	require.Equal(t, before, peft.Built(s.b))
	require.NotEqual(t, seen[0], seen[1])
	require.NotEqual(t, seen[1], seen[2])
	require.Equal(t, seen[0], seen[3])

	s.logits(peft.Use("other rank"))
	require.Equal(t, before+1, peft.Built(s.b))

	average := func(w float64) {
		s.logits(peft.Average([]float64{w, 1 - w}, peft.Use("a"), peft.Use("b")))
	}
	average(0.3)
	average(0.4)
	require.Equal(t, before+2, peft.Built(s.b), "weights are fed")

	_, _, err := s.Gradients(t.Context(), peft.Use("a"), s.in)
	require.NoError(t, err)
	_, _, err = s.Gradients(t.Context(), peft.Use("b"), s.in)
	require.NoError(t, err)
	require.Equal(t, before+3, peft.Built(s.b))
}

// TestProgramsOfDifferentGraphsAreApart: what is baked into a graph is in its key.
func TestProgramsOfDifferentGraphsAreApart(t *testing.T) {
	s := newScene(t)
	plain := small(4, 8, "query")
	s.attach("plain", plain)
	dropped := *plain
	dropped.Dropout = 0.5
	s.attach("dropped", &dropped)
	elsewhere := small(4, 8, "key")
	s.attach("elsewhere", elsewhere)
	before := peft.Built(s.b)
	for _, n := range []string{"plain", "dropped", "elsewhere"} {
		s.logits(peft.Use(n))
	}
	require.Equal(t, 3, peft.Built(s.b)-before)
}

// TestEviction runs more shapes than the cache keeps, from several goroutines at once: outputs stay right, the bound
// holds, and what is dropped is freed once nobody runs it.
func TestEviction(t *testing.T) {
	s := newScene(t)
	const shapes, workers, rounds = 5, 4, 2
	s.attach("a", small(4, 8, "query"))
	peft.SetProgramLimit(s.b, 2)
	inputs, want := make([]peft.Tensors, shapes), make([][][]float32, shapes)
	for i := range inputs {
		inputs[i] = peft.Tensors{"input_ids": tensors.FromFlatDataAndDimensions(ids(2*(i+1)), 2, i+1)}
		out, err := s.Forward(t.Context(), peft.Use("a"), inputs[i])
		require.NoError(t, err)
		want[i] = rowsOf(out["logits"])
	}
	old := peft.Held(s.b)
	require.Len(t, old, 2)
	before := peft.Built(s.b)
	var wg sync.WaitGroup
	for w := range workers {
		wg.Go(func() {
			for r := range rounds {
				for i := range inputs {
					k := (i + w + r) % shapes
					out, err := s.Forward(t.Context(), peft.Use("a"), inputs[k])
					if err != nil {
						t.Error(err)
						return
					}
					s.same(want[k], rowsOf(out["logits"]))
				}
			}
		})
	}
	wg.Wait()
	require.Greater(t, peft.Built(s.b), before, "nothing was evicted")
	inMap, inList := peft.Kept(s.b)
	require.Equal(t, inMap, inList)
	require.LessOrEqual(t, inMap, 2)
	kept := peft.Held(s.b)
	for _, p := range old {
		require.True(t, peft.Freed(s.b, p) || p == kept[0] || p == kept[len(kept)-1], "a dropped program holds its memory")
	}
}

// same compares from any goroutine.
func (s *scene) same(want, got [][]float32) {
	for i := range want {
		for k, w := range want[i] {
			if d := float64(w - got[i][k]); d > s.slack() || -d > s.slack() {
				s.Errorf("row %d: got %v, want %v", i, got[i], want[i])
				return
			}
		}
	}
}

func ids(n int) []int64 {
	out := make([]int64, n)
	for i := range out {
		out[i] = int64(5 + i%50)
	}
	return out
}
