package peft_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gopeft/gopeft/ia3"
	"github.com/gopeft/gopeft/ia3/full"
	"github.com/gopeft/gopeft/lora"
	"github.com/gopeft/gopeft/lora/boft"
	"github.com/gopeft/gopeft/lora/loha"
	"github.com/gopeft/gopeft/peft"
)

// A LoRA of full rank computes what the adapter does, whatever its type: a change of the weight, a rotation of the input, a
// scale of the output and so of the bias, a weight trained in its place.
func TestToLoRA(t *testing.T) {
	on := peft.Match("query", "output.dense")
	for name, cfg := range map[string]peft.Config{
		"loha": &loha.Config{R: 2, Targets: on},
		"boft": &boft.Config{Targets: on, Bias: "boft_only"},
		"ia3":  &ia3.Config{Targets: on, FeedForward: peft.Match("output.dense")},
		"full": &full.Config{Targets: on},
		"lora": withHead(&lora.Config{R: 4, Targets: on}),
	} {
		t.Run(name, func(t *testing.T) {
			s := newScene(t)
			s.attach("a", cfg)
			want := s.logits(peft.Use("a"))
			report, err := s.ToLoRA(t.Context(), "a", "plain", peft.LoRAOptions{Energy: 1})
			require.NoError(t, err)
			for i, row := range s.logits(peft.Use("plain")) {
				require.InDeltaSlice(t, want[i], row, 2e-5)
			}
			norms, err := must(s.Adapter("a")).Norms(t.Context())
			require.NoError(t, err)
			require.Len(t, norms, len(report))
			for _, m := range report {
				require.Less(t, m.Error, 1e-3, m.Path)
				require.InEpsilon(t, norms[m.Path], m.Norm, 1e-4)
			}
			dir := t.TempDir()
			require.NoError(t, s.SaveAdapter("plain", dir))
			_, err = s.LoadAs("again", dir)
			require.NoError(t, err)
			require.Equal(t, s.logits(peft.Use("plain")), s.logits(peft.Use("again")))
		})
	}
}

// A bound on the rank keeps the nearest LoRA of that rank, and the report says how near: its error is that of the best one.
// A bound on the energy takes the smallest rank that keeps it.
func TestToLoRABounds(t *testing.T) {
	s := newScene(t)
	s.attach("a", &lora.Config{R: 6, Targets: peft.Match("query")})
	exact, err := s.ToLoRA(t.Context(), "a", "six", peft.LoRAOptions{Rank: 6})
	require.NoError(t, err)
	less, err := s.ToLoRA(t.Context(), "a", "two", peft.LoRAOptions{Rank: 2})
	require.NoError(t, err)
	half, err := s.ToLoRA(t.Context(), "a", "half", peft.LoRAOptions{Rank: 5, Energy: 1 - less[0].Error*less[0].Error})
	require.NoError(t, err)
	for i := range exact {
		require.Less(t, exact[i].Error, 1e-4)
		require.Greater(t, less[i].Error, 0.1)
		require.Equal(t, 2, less[i].Rank)
	}
	require.Equal(t, 2, half[0].Rank)
	require.InDelta(t, less[0].Error, half[0].Error, 1e-6)
	// What the LoRA misses is what its own change differs by.
	norm, err := must(s.Adapter("two")).Norms(t.Context())
	require.NoError(t, err)
	kept := norm[less[0].Path] / less[0].Norm
	require.InDelta(t, 1, kept*kept+less[0].Error*less[0].Error, 1e-5)
	require.False(t, math.IsNaN(kept))
}

func TestToLoRARefused(t *testing.T) {
	s := newScene(t)
	s.attach("a", &lora.Config{R: 2, Targets: peft.Match("query")})
	_, err := s.ToLoRA(t.Context(), "a", "b", peft.LoRAOptions{})
	require.ErrorIs(t, err, peft.ErrConfig)
	_, err = s.ToLoRA(t.Context(), "a", "b", peft.LoRAOptions{Energy: 1.5})
	require.ErrorContains(t, err, "Energy")
	_, err = s.ToLoRA(t.Context(), "a", "a", peft.LoRAOptions{Rank: 2})
	require.ErrorIs(t, err, peft.ErrAdapter)
	_, err = s.ToLoRA(t.Context(), "x", "b", peft.LoRAOptions{Rank: 2})
	require.ErrorIs(t, err, peft.ErrAdapter)
	require.Equal(t, []string{"a"}, s.Names())
}
