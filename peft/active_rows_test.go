package peft_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gopeft/gopeft/ia3"
	"github.com/gopeft/gopeft/internal/pefttest/hooks"
	"github.com/gopeft/gopeft/lora"
	"github.com/gopeft/gopeft/peft"
	"github.com/gopeft/gopeft/prompt"
	"github.com/gopeft/gopeft/prompt/tuning"
)

// pools are sets of three adapters that one batch may mix.
func pools() map[string][]peft.Config {
	dora := func(c *lora.Config) *lora.Config { c.DoRA = true; return c }
	rs := small(2, 16, "query", "dense")
	rs.RSLoRA = true
	bias := small(3, 5, "value")
	bias.LoRABias = true
	trained := small(3, 5, "query")
	trained.Bias = "all"
	one := &hooks.Bottleneck{Reduction: 4}
	two := &hooks.Bottleneck{Reduction: 8, Name: "other"}
	two.ModulesToSave = []string{"classifier"}
	return map[string][]peft.Config{
		"LoRA of other ranks, targets and alphas": {small(4, 8, "query", "value"), small(7, 3, "key", "output.dense"), rs},
		"LoRA, two with their own head":           {withHead(small(4, 8, "query")), small(7, 3, "query"), withHead(small(2, 1, "value"))},
		"LoRA on embeddings":                      {small(4, 8, "word_embeddings"), small(2, 8, "word_embeddings", "value"), small(3, 8, "query")},
		"LoRA of two graphs, and trained biases":  {small(4, 8, "query"), bias, trained},
		"(IA)^3": {
			&ia3.Config{Targets: peft.Match("value", "output.dense"), FeedForward: peft.Match("output.dense")},
			&ia3.Config{Targets: peft.Match("query", "output.dense"), FeedForward: peft.Match("query")},
			&ia3.Config{},
		},
		"DoRA, by masks": {dora(small(4, 8, "query")), dora(small(7, 3, "query", "value")), withHead(dora(small(2, 2, "key")))},
		"bottlenecks":    {one, two, &hooks.Bottleneck{}},
		"of each kind":   {withHead(small(4, 8, "query")), dora(small(2, 2, "query")), &ia3.Config{}},
	}
}

// TestRows wants each row of a mixed batch to be what its adapter alone makes of it, for every assignment, by one
// program.
func TestRows(t *testing.T) {
	for name, configs := range pools() {
		t.Run(name, func(t *testing.T) {
			s := newScene(t)
			names := []string{"", "a", "b", "c"}
			alone := map[string][][]float32{"": s.logits(peft.Base())}
			for i, cfg := range configs {
				n := names[i+1]
				s.attach(n, cfg)
				alone[n] = s.logits(peft.Use(n))
				require.NotEqual(t, alone[""], alone[n], "an adapter that does nothing proves nothing")
			}
			before, worst := peft.Built(s.b), 0.0 // worst is the furthest from a run alone
			for i := range 64 {
				rows := []string{names[i%4], names[i/4%4], names[i/16]}
				got := s.logits(peft.Rows(rows...).Among("a", "b", "c"))
				for r, n := range rows {
					for k, want := range alone[n][r] {
						worst = max(worst, math.Abs(float64(want-got[r][k])))
					}
				}
				require.LessOrEqual(t, worst, s.slack(), "rows %v", rows)
			}
			require.Equal(t, 1, peft.Built(s.b)-before, "every assignment runs one program")
		})
	}
}

// TestRowsFollowValues wants new values to reach the rows at once: stacked copies are kept between calls.
func TestRowsFollowValues(t *testing.T) {
	s := newScene(t)
	a := s.attach("a", small(4, 8, "query"))
	s.attach("b", small(2, 8, "value"))
	sel := peft.Rows("a", "b", "a")
	first := s.logits(sel)
	s.near(first, s.logits(sel), 0, "the same again")
	require.NoError(t, a.Set(a.Config(), shaken(a, "new")))
	second, alone := s.logits(sel), s.logits(peft.Use("a"))
	s.near(alone[:1], second[:1], 1e-6, "row of a")
	s.near(alone[2:], second[2:], 1e-6, "row of a")
	require.NotEqual(t, first[0], second[0])
	require.Equal(t, first[1], second[1], "b did not change")
}

// TestRowsWithoutAmong takes the pool from the rows.
func TestRowsWithoutAmong(t *testing.T) {
	s := newScene(t)
	s.attach("a", small(4, 8, "query"))
	s.attach("b", small(2, 8, "value"))
	got := s.logits(peft.Rows("b", "", "b"))
	s.near([][]float32{s.logits(peft.Use("b"))[0], s.logits(peft.Base())[1], s.logits(peft.Use("b"))[2]}, got, 1e-6, "rows")
	s.near(s.logits(peft.Base()), s.logits(peft.Rows("", "", "")), 1e-6, "all bare")
}

func TestRowsRefused(t *testing.T) {
	s := newScene(t)
	s.attach("a", small(4, 8, "query"))
	s.attach("b", small(4, 8, "query"))
	s.attach("p", &tuning.Config{Virtual: prompt.Virtual{Tokens: 2}})
	for _, c := range []struct {
		sel  peft.Selection
		is   error
		says string
	}{
		{peft.Rows("a", "b"), peft.ErrInput, "3 rows, but adapters were chosen for 2"},
		{peft.Rows("a", "b", "a", "b"), peft.ErrInput, "3 rows, but adapters were chosen for 4"},
		{peft.Rows("a", "x", "b"), peft.ErrAdapter, `there is no "x": there are a, b, p`},
		{peft.Rows("a", "b", "a").Among("a"), peft.ErrAdapter, `row 1 names "b"`},
		{peft.Rows("a", "", "p"), peft.ErrUnsupported, "can't be averaged or mixed by rows"},
		{peft.Stack(peft.Rows("a", "a", "a"), peft.Use("b")), peft.ErrAdapter, "rows can't stand inside a composition"},
	} {
		_, err := s.Forward(t.Context(), c.sel, s.x)
		require.ErrorIs(t, err, c.is, c.sel)
		require.ErrorContains(t, err, c.says)
	}
}
